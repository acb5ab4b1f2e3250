import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readResult, resultId, writeResult } from "../../../src/domain/records/result-record.ts";
import { bytesOf, results, strangeBytes } from "./arbitraries.ts";
import { golden } from "./golden.ts";

const read = (text: string) => {
  const found = readResult(bytesOf(text));
  if (Result.isFailure(found)) throw found.failure;
  return found.success;
};

describe("a result record", () => {
  it("reads as it was written", () => {
    expect(read(golden("result-v1"))).toMatchObject({
      status: "sent",
      channel: "sms",
      providerMessageId: "m-9f3c",
    });
    fc.assert(
      fc.property(results, (result) => {
        expect(read(writeResult(result))).toEqual(result);
      }),
      { numRuns: 1000 },
    );
  });

  it("is written exactly as the golden sample of its version", () => {
    expect(JSON.parse(writeResult(read(golden("result-v1"))))).toEqual(JSON.parse(golden("result-v1")));
  });

  it("has the same id each time its outcome is published, and another for another generation", () => {
    const result = read(golden("result-v1"));
    expect(resultId({ ...result })).toBe(resultId(result));
    expect(resultId({ ...result, generation: 2 })).not.toBe(resultId(result));
  });

  it("cuts a reason that is too long, rather than be unreadable", () => {
    const long = { ...read(golden("result-v1")), reason: "x".repeat(5_000) };
    expect(read(writeResult(long)).reason).toHaveLength(2_000);
  });

  it.each([
    ["status", "in_doubt"],
    ["endedAt", "yesterday"],
    ["generation", 0],
  ])("with the field %s as %j is refused by that name", (name, value) => {
    const sample = JSON.parse(golden("result-v1")) as Record<string, unknown>;
    const found = readResult(bytesOf(JSON.stringify({ ...sample, [name]: value, tomorrow: 1 })));
    expect(Result.isFailure(found) && found.failure.message).toContain(`the field ${name} is not`);
  });

  it("can be read whatever the ledger holds: an empty reason is none, a provider's id is cut", () => {
    fc.assert(
      fc.property(results, (result) => {
        const odd = { ...result, reason: "", providerMessageId: "x".repeat(2_500) };
        const read = readResult(new TextEncoder().encode(writeResult(odd)));
        expect(Result.isSuccess(read) && read.success).toMatchObject({
          reason: null,
          providerMessageId: "x".repeat(2_000),
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it("is read from anything at all without a throw", () => {
    fc.assert(
      fc.property(strangeBytes(golden("result-v1")), (bytes) => {
        const found = readResult(bytes);
        if (Result.isFailure(found)) expect(found.failure._tag).toBe("Undecodable");
      }),
      { numRuns: 1000 },
    );
  });
});
