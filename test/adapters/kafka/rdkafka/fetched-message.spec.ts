import { expect, it } from "vitest";
import { messageOf } from "../../../../src/adapters/kafka/rdkafka/fetched-message.ts";

const fetched = {
  ...{ topic: "t", partition: 1, offset: 7, key: null, value: Buffer.from("v"), timestamp: 5, size: 1 },
  headers: [{ a: Buffer.from("first") }, { b: Buffer.from("é") }, { a: Buffer.from("second") }],
};

it("a record is the same whichever client has fetched it: the first header of each name", () => {
  expect(messageOf(fetched)).toEqual({
    ...{ topic: "t", partition: 1, offset: 7, key: null, value: Buffer.from("v"), timestampMs: 5 },
    headers: { a: "first", b: "é" },
  });
});

it("a header that is named like what every object has is a header", () => {
  const { headers } = messageOf({ ...fetched, headers: [{ ["__proto__"]: Buffer.from("x") }] });
  expect(Object.entries(headers)).toEqual([["__proto__", "x"]]);
});
