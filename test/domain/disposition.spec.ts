import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disposeOf, IN_PLACE_LIMIT_MS, type Bug, type Moment } from "../../src/domain/disposition.ts";
import {
  Permanent,
  Postponed,
  Transient,
  Unconfirmed,
  Undecodable,
  type Failure,
} from "../../src/failure.ts";

const message = "sending notice n-1";
const transient = new Transient({ message });
const permanent = new Permanent({ message });
const unconfirmed = new Unconfirmed({ message });
const undecodable = new Undecodable({ message });
const postponed = new Postponed({ message, untilMs: 5_000 });
const bug: Bug = { _tag: "Bug" };

const MOMENTS: readonly Moment[] = ["before-claim", "claimed", "right-consumed", "first-byte-left"];
const anyMoment = fc.constantFrom(...MOMENTS);
const anyFailure: fc.Arbitrary<Failure | Bug> = fc.oneof(
  fc.constantFrom(transient, permanent, unconfirmed, undecodable, bug),
  fc.nat(10_000).map((retryAfterMs) => new Transient({ message, retryAfterMs })),
  fc.nat(10_000).map((untilMs) => new Postponed({ message, untilMs })),
);

describe("disposeOf", () => {
  it("doubts a send that went unanswered, and never tries it again", () => {
    expect(disposeOf(unconfirmed, "first-byte-left", 3)).toEqual({ kind: "doubt" });
  });

  it("tries a step without consequences again in place, then gives the notice back", () => {
    expect(disposeOf(transient, "claimed", 1)).toEqual({ kind: "retry-in-place", askedDelayMs: 0 });
    expect(disposeOf(transient, "claimed", 0)).toEqual({ kind: "release", askedDelayMs: 0 });
  });

  it("gives the notice back rather than hold a credit through a long wait", () => {
    const patient = new Transient({ message, retryAfterMs: IN_PLACE_LIMIT_MS + 1 });
    expect(disposeOf(patient, "claimed", 3)).toEqual({
      kind: "release",
      askedDelayMs: IN_PLACE_LIMIT_MS + 1,
    });
  });

  const again = (end: string, rest: object = { askedDelayMs: 0, untilMs: null }) => ({
    kind: "next-attempt",
    end,
    ...rest,
  });
  const nextChannel = (end: string) => ({ kind: "next-channel", end });
  it.each([
    [
      "Transient",
      transient,
      [
        { kind: "release", askedDelayMs: 0 },
        { kind: "release", askedDelayMs: 0 },
        again("not-handed-over"),
        again("rejected-for-now"),
      ],
    ],
    [
      "Permanent",
      permanent,
      [
        { kind: "dead-letter" },
        nextChannel("unusable"),
        nextChannel("unusable"),
        nextChannel("rejected-for-good"),
      ],
    ],
    [
      "Unconfirmed",
      unconfirmed,
      [
        { kind: "release", askedDelayMs: 0 },
        { kind: "release", askedDelayMs: 0 },
        again("not-handed-over"),
        { kind: "doubt" },
      ],
    ],
    [
      "Undecodable",
      undecodable,
      [{ kind: "dead-letter" }, nextChannel("unusable"), nextChannel("unusable"), { kind: "doubt" }],
    ],
    [
      "Postponed",
      postponed,
      [
        { kind: "step-back", untilMs: 5_000 },
        { kind: "step-back", untilMs: 5_000 },
        again("not-handed-over", { askedDelayMs: 0, untilMs: 5_000 }),
        again("provider-fault", { askedDelayMs: 0, untilMs: 5_000 }),
      ],
    ],
    [
      "a bug",
      bug,
      [{ kind: "dead-letter" }, nextChannel("unusable"), nextChannel("unusable"), { kind: "doubt" }],
    ],
  ])("knows what to do about %s at each of the four moments", (_name, failure, expected) => {
    expect(MOMENTS.map((moment) => disposeOf(failure, moment, 0))).toEqual(expected);
  });

  it("never repeats, releases or puts off once the right to send is consumed", () => {
    const afterwards = fc.constantFrom<Moment>("right-consumed", "first-byte-left");
    fc.assert(
      fc.property(anyFailure, afterwards, fc.nat(5), (failure, moment, retriesLeft) => {
        expect(["next-attempt", "next-channel", "doubt"]).toContain(
          disposeOf(failure, moment, retriesLeft).kind,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("never takes anything but the provider's own answer for a no once a byte may have left", () => {
    const answers: readonly string[] = ["Transient", "Permanent", "Postponed"];
    fc.assert(
      fc.property(anyFailure, fc.nat(5), (failure, retriesLeft) => {
        const { kind } = disposeOf(failure, "first-byte-left", retriesLeft);
        expect(kind === "doubt").toBe(!answers.includes(failure._tag));
      }),
      { numRuns: 1_000 },
    );
  });

  it("never doubts while no byte can have left, and never makes an operator look at a mere delay", () => {
    fc.assert(
      fc.property(anyFailure, anyMoment, fc.nat(5), (failure, moment, retriesLeft) => {
        const { kind } = disposeOf(failure, moment, retriesLeft);
        if (kind === "doubt") expect(moment).toBe("first-byte-left");
        if (kind === "retry-in-place") expect(retriesLeft).toBeGreaterThan(0);
        if (failure._tag === "Transient" || failure._tag === "Postponed") {
          expect(["doubt", "dead-letter", "next-channel"]).not.toContain(kind);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
