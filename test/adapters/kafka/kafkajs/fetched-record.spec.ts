import type { KafkaMessage } from "kafkajs";
import { expect, it } from "vitest";
import { messageOf, weightOf } from "../../../../src/adapters/kafka/kafkajs/fetched-record.ts";

const message: KafkaMessage = {
  ...{ key: Buffer.from("k"), value: Buffer.from("value"), timestamp: "5", attributes: 0, offset: "7" },
  headers: { a: [Buffer.from("first"), Buffer.from("second")], b: "é", nothing: undefined },
};

it("a record is the same whichever client has fetched it: the first header of each name", () => {
  expect(messageOf("t", { partition: 1, message })).toEqual({
    ...{ topic: "t", partition: 1, offset: 7, timestampMs: 5 },
    key: Uint8Array.from(Buffer.from("k")),
    value: Uint8Array.from(Buffer.from("value")),
    headers: { a: "first", b: "é" },
  });
});

it("a header without a value is an empty one: others write such", () => {
  // which the client's types do not know
  const headers = { a: null, b: [null] } as unknown as NonNullable<KafkaMessage["headers"]>;
  expect(messageOf("t", { partition: 1, message: { ...message, headers } }).headers).toEqual({
    a: "",
    b: "",
  });
  expect(weightOf({ ...message, headers })).toBeGreaterThan(0);
});

it("its bytes are copied: what was fetched with it is not kept alive by it", () => {
  const { value } = messageOf("t", { partition: 1, message });
  expect(value?.buffer).not.toBe(message.value?.buffer);
  expect(value?.buffer.byteLength).toBe(value?.length);
});

it("it weighs no less than its key and its value, and a tombstone weighs its frame", () => {
  expect(weightOf(message)).toBeGreaterThanOrEqual(6);
  const bare: KafkaMessage = {
    key: null,
    value: null,
    timestamp: "5",
    attributes: 0,
    offset: "7",
    headers: {},
  };
  expect(weightOf(bare)).toBeGreaterThan(0);
});
