import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Failure,
  Permanent,
  Postponed,
  Transient,
  Unconfirmed,
  Undecodable,
} from "../../../src/failure.ts";
import {
  byFailure,
  deadLetter,
  type Disposition,
  done,
  notMine,
  retryLater,
} from "../../../src/streams/runtime/disposition.ts";
import { Bug, type DivertedBy, type DivertedTag } from "../../../src/streams/runtime/rail.ts";
import { LoneHost } from "../../support/lone-host.ts";

const failures: Record<DivertedTag, DivertedBy> = {
  Transient: new Transient({ message: "busy", retryAfterMs: 70_000 }),
  Permanent: new Permanent({ message: "no" }),
  Unconfirmed: new Unconfirmed({ message: "?" }),
  Undecodable: new Undecodable({ message: "not JSON" }),
  Postponed: new Postponed({ message: "quiet hours", untilMs: 99 }),
  Bug: new Bug(new TypeError("x is not a function"), false),
} satisfies Record<Failure["_tag"] | "Bug", DivertedBy>;

describe("a later try", () => {
  it("that should have come already comes at once", () => {
    expect(retryLater(-5, 3)).toEqual(retryLater(0, 3));
  });

  it("is refused where its wait or its tries are no number: neither would ever end", () => {
    expect(() => retryLater(Number.NaN, 3)).toThrow("afterMs is NaN");
    expect(() => retryLater(5, Number.NaN)).toThrow("maxAttempts is NaN");
  });
});

describe("a disposition by failure", () => {
  it("answers each kind of failure by its own rule, which sees that failure", () => {
    const answer = byFailure({
      Transient: ({ retryAfterMs }) => retryLater(retryAfterMs ?? 60_000, 5),
      Permanent: deadLetter,
      Unconfirmed: deadLetter,
      Undecodable: notMine,
      Postponed: ({ untilMs }) => retryLater(untilMs, 5),
      Bug: ({ mayHaveHappened }) => (mayHaveHappened ? deadLetter() : done()),
    });
    const host = new LoneHost();
    const of = (failure: DivertedBy): Disposition =>
      answer({ stage: "send", failure, envelope: host.envelope("bill") });
    expect(of(failures.Transient)).toEqual({ kind: "retry-later", afterMs: 70_000, maxAttempts: 5 });
    expect(of(failures.Permanent)).toEqual({ kind: "dead-letter" });
    expect(of(failures.Undecodable)).toEqual({ kind: "not-mine" });
    expect(of(failures.Postponed)).toEqual({ kind: "retry-later", afterMs: 99, maxAttempts: 5 });
    expect(of(failures.Bug)).toEqual({ kind: "done" });
  });

  it("never asks the rule of another kind", () => {
    const host = new LoneHost();
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(failures) as DivertedTag[])), (tag) => {
        const asked: string[] = [];
        const rule = (name: string) => (failure: DivertedBy) => {
          asked.push(`${name} of ${failure._tag}`);
          return done();
        };
        const answer = byFailure({
          Transient: rule("Transient"),
          Permanent: rule("Permanent"),
          Unconfirmed: rule("Unconfirmed"),
          Undecodable: rule("Undecodable"),
          Postponed: rule("Postponed"),
          Bug: rule("Bug"),
        });
        answer({ stage: "send", failure: failures[tag], envelope: host.envelope("bill") });
        expect(asked).toEqual([`${tag} of ${tag}`]);
      }),
      { numRuns: 1000 },
    );
  });
});
