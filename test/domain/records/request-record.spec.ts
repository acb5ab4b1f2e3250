import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { period } from "../../../src/domain/ids.ts";
import { billingMonth, readRequest, writeRequest } from "../../../src/domain/records/request-record.ts";
import { bytesOf, requests, strangeBytes } from "./arbitraries.ts";
import { golden } from "./golden.ts";

const read = (text: string) => {
  const found = readRequest(bytesOf(text));
  if (Result.isFailure(found)) throw found.failure;
  return found.success;
};

describe("a request record", () => {
  it("reads as it was written", () => {
    const request = read(golden("request-v2"));
    expect(request).toMatchObject({ noticeId: "202611-bill-0000001-monthly", period: 202611, epoch: 3 });
    expect(request.details).toMatchObject({
      billId: "bill-0000001",
      memberId: "member-0000001",
      policyVersion: 4,
    });
    fc.assert(
      fc.property(requests, (sent) => {
        expect(read(writeRequest(sent))).toEqual(sent);
      }),
      { numRuns: 1000 },
    );
  });

  it("is written exactly as the golden sample of its version", () => {
    const { details, ...hint } = read(golden("request-v2"));
    if (details === null) throw new Error("version 2 has details");
    expect(JSON.parse(writeRequest({ ...hint, details }))).toEqual(JSON.parse(golden("request-v2")));
  });

  it("of the version before is a hint without details", () => {
    expect(read(golden("request-v1"))).toEqual({
      noticeId: "202611-bill-0000001-monthly",
      period: 202611,
      epoch: 3,
      channel: "email",
      traceparent: null,
      details: null,
    });
  });

  it("may have fields that nobody knows yet", () => {
    const sample = JSON.parse(golden("request-v2")) as Record<string, unknown>;
    expect(read(JSON.stringify({ ...sample, tomorrow: { is: ["another", "day"] } }))).toEqual(
      read(golden("request-v2")),
    );
  });

  it.each([
    ["noticeId", "", "a notice's id"],
    ["noticeId", "with a space", "a notice's id"],
    ["period", 202613, "a month YYYYMM"],
    ["period", "202611", "a month YYYYMM"],
    ["epoch", 0, "a whole number from 1"],
    ["epoch", 1.5, "a whole number from 1"],
    ["channel", "E-Mail", "a channel's name"],
    ["policyVersion", 0, "a policy's version"],
    ["billId", "x".repeat(2_001), "a text of 1 to 2000 characters"],
    ["destination", "hong@example.com", "a sealed text"],
    ["contentLocation", null, "a sealed text"],
    ["runId", "no run\n", "a run's id"],
  ])("with the field %s as %j is refused by that name, without the value", (name, value, what) => {
    const sample = JSON.parse(golden("request-v2")) as Record<string, unknown>;
    const found = readRequest(bytesOf(JSON.stringify({ ...sample, [name]: value })));
    expect(Result.isFailure(found) && found.failure).toMatchObject({
      _tag: "Undecodable",
      code: "record:field",
      message: `reading a millrace.request record: the field ${name} is not ${what}`,
    });
  });

  it("is not lost for a trace that is none", () => {
    const sample = JSON.parse(golden("request-v2")) as Record<string, unknown>;
    expect(read(JSON.stringify({ ...sample, traceparent: "trace me" })).traceparent).toBeNull();
  });

  it("is read from anything at all without a throw", () => {
    fc.assert(
      fc.property(strangeBytes(golden("request-v2")), (bytes) => {
        const found = readRequest(bytes);
        if (Result.isFailure(found)) expect(found.failure._tag).toBe("Undecodable");
        else expect(found.success.epoch).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("names the billing month as people write it", () => {
    expect(billingMonth(period(202601))).toBe("2026-01");
    expect(billingMonth(period(190012))).toBe("1900-12");
  });
});
