import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { letterId, readDeadLetter, writeDeadLetter } from "../../../src/domain/records/dead-letter-record.ts";
import { bytesOf, noticeLetters, poisonLetters, strangeBytes } from "./arbitraries.ts";
import { golden } from "./golden.ts";

const read = (text: string) => {
  const found = readDeadLetter(bytesOf(text));
  if (Result.isFailure(found)) throw found.failure;
  return found.success;
};

describe("a dead-letter record", () => {
  it("tells of a notice that failed, and of a record that could not be read", () => {
    expect(read(golden("dead-letter-v1"))).toMatchObject({
      kind: "failed",
      stage: "render-notice",
      attempts: 3,
    });
    expect(read(golden("poison-v1"))).toMatchObject({
      kind: "poison",
      partition: 3,
      payload: { kind: "sealed" },
    });
    expect(read(golden("poison-elsewhere-v1"))).toMatchObject({
      payload: { kind: "elsewhere", bytes: 913408 },
    });
  });

  it("reads as it was written", () => {
    fc.assert(
      fc.property(fc.oneof(noticeLetters, poisonLetters), (letter) => {
        expect(read(writeDeadLetter(letter))).toEqual(letter);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["dead-letter-v1", "poison-v1", "poison-elsewhere-v1"])(
    "is written exactly as the golden sample %s",
    (name) => {
      expect(JSON.parse(writeDeadLetter(read(golden(name))))).toEqual(JSON.parse(golden(name)));
    },
  );

  it("has the same id each time its entry is published", () => {
    expect(letterId(read(golden("dead-letter-v1")))).toBe("202611/202611-bill-0000002-monthly/8/failed");
    expect(letterId(read(golden("poison-v1")))).toBe("millrace.request.email/3/1042");
  });

  it("never carries the bytes of a poison record in the clear", () => {
    const sample = JSON.parse(golden("poison-v1")) as Record<string, unknown>;
    const found = readDeadLetter(bytesOf(JSON.stringify({ ...sample, payload: "aG9uZ0BleGFtcGxlLmNvbQ==" })));
    expect(Result.isFailure(found) && found.failure.message).toContain(
      "the field payload is not a sealed text",
    );
  });

  it("is read from anything at all without a throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(strangeBytes(golden("dead-letter-v1")), strangeBytes(golden("poison-v1"))),
        (bytes) => {
          const found = readDeadLetter(bytes);
          if (Result.isFailure(found)) expect(found.failure._tag).toBe("Undecodable");
        },
      ),
      { numRuns: 1000 },
    );
  });
});
