/**
 * From a record of the log to a request: what can be read goes on, what names no notice leaves by itself.
 */
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noticeId } from "../../../src/domain/ids.ts";
import { Undecodable } from "../../../src/failure.ts";
import type { Request } from "../../../src/streams/delivery/bodies.ts";
import { asItIs, consumeRequests, type ReadRequest } from "../../../src/streams/delivery/consume-requests.ts";
import { PERIOD } from "../../contracts/notice-ledger-commands.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { failuresOf, only, through } from "../through.ts";

const requestOf = (id: string): Request => ({
  noticeId: noticeId(id),
  period: PERIOD,
  epoch: 1,
  claim: null,
});

/** `notice:<id>`, as some broker might bring it. */
const read: ReadRequest<string> = (record) =>
  record.startsWith("notice:")
    ? Result.succeed(requestOf(record.slice("notice:".length)))
    : Result.fail(new Undecodable({ message: "reading a request: it names no notice", code: "request" }));

describe("consumeRequests", () => {
  it("reads each record, and diverts what names no notice with the record as it came in", async () => {
    const left = await through(new VirtualClock(), ["notice:n1", "\0\0", "notice:n2"], consumeRequests(read));
    const [first, broken, last] = left;
    expect([first, last]).toMatchObject([
      { success: { noticeId: "n1", claim: null } },
      { success: { noticeId: "n2" } },
    ]);
    expect(broken).toMatchObject({ failure: { failure: { _tag: "Undecodable" }, body: "\0\0" } });
  });

  it("takes a request as it is where the log is the ledger", async () => {
    const request = requestOf("n1");
    expect(only(await through(new VirtualClock(), [request], consumeRequests(asItIs)))).toBe(request);
  });

  it("takes a reader that throws for a bug, not for a record that cannot be read", async () => {
    const throwing: ReadRequest<string> = () => {
      throw new TypeError("a bug in the reader");
    };
    expect(failuresOf(await through(new VirtualClock(), ["x"], consumeRequests(throwing)))).toMatchObject([
      { _tag: "Bug" },
    ]);
  });

  it("never loses, repeats or reorders a record, whatever lies between", async () => {
    const record = fc.oneof(
      fc.nat(99).map((n) => `notice:n${n}`),
      fc.string({ maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 20 }), async (records) => {
        const left = await through(new VirtualClock(), records, consumeRequests(read));
        const seen = left.map((each) =>
          Result.isSuccess(each) ? `notice:${each.success.noticeId}` : each.failure.body,
        );
        expect(seen).toEqual(records);
      }),
      { numRuns: 1_000 },
    );
  });
});
