import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wireBytes, type WireRecord } from "../../../src/adapters/kafka/log-message.ts";

const anyRecord: fc.Arbitrary<WireRecord> = fc.record({
  topic: fc.constant("t"),
  key: fc.string({ unit: "binary" }),
  value: fc.uint8Array({ maxLength: 200 }),
  headers: fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), { maxKeys: 4 }),
});

describe("what a record weighs on the wire", () => {
  it("counts bytes and not letters", () => {
    const plain: WireRecord = { topic: "t", key: "ab", value: new Uint8Array(3), headers: {} };
    expect(wireBytes({ ...plain, key: "\uac00\ub098" }) - wireBytes(plain)).toBe(4);
    expect(wireBytes({ ...plain, value: new Uint8Array(10) }) - wireBytes(plain)).toBe(7);
  });

  it("is never less than what its parts have, so that no batch is larger than it was taken for", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const texts = [record.key, ...Object.entries(record.headers).flat()];
        const bytes = texts.reduce((sum, text) => sum + Buffer.from(text).length, record.value.length);
        expect(wireBytes(record)).toBeGreaterThan(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it("does not depend on the topic, which stands once in a request", () => {
    fc.assert(
      fc.property(anyRecord, fc.string(), (record, topic) => {
        expect(wireBytes({ ...record, topic })).toBe(wireBytes(record));
      }),
      { numRuns: 1000 },
    );
  });
});
