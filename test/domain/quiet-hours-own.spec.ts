import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockReading } from "../../src/domain/quiet-hours-interval.ts";
import { MAX_OWN_INTERVALS, readOwnQuietHours } from "../../src/domain/quiet-hours-own.ts";
import { anyOwnQuietHours } from "./policy-arbitraries.ts";

describe("readOwnQuietHours", () => {
  it("reads what lies beside a notice, with a zone or without", () => {
    const intervals = [{ from: "22:00", until: "07:00" }];
    const read = [{ fromMinute: 1320, untilMinute: 420 }];
    expect(readOwnQuietHours({ zone: "Europe/Berlin", intervals })).toEqual(
      Result.succeed({ intervals: read, zone: "Europe/Berlin" }),
    );
    expect(readOwnQuietHours({ intervals })).toEqual(Result.succeed({ intervals: read }));
    expect(readOwnQuietHours({ zone: null, intervals })).toEqual(Result.succeed({ intervals: read }));
  });

  it("takes nothing for no wish", () => {
    expect(readOwnQuietHours(undefined)).toEqual(Result.succeed(null));
    expect(readOwnQuietHours(null)).toEqual(Result.succeed(null));
  });

  it.each([
    ["a text", "22:00", "own quiet hours are no object"],
    ["no list", { zone: "Asia/Seoul" }, "own quiet hours have no list of intervals"],
    [
      "a list that never ends",
      { intervals: Array(MAX_OWN_INTERVALS + 1) },
      "own quiet hours have too many intervals",
    ],
    ["a hole in the list", { intervals: [null] }, "interval 0 of own quiet hours cannot be read"],
    [
      "an empty stretch",
      { intervals: [{ from: "22:00", until: "22:00" }] },
      "interval 0 of own quiet hours cannot be read",
    ],
    [
      "an hour that does not exist",
      { intervals: [{ from: "22:00", until: "25:00" }] },
      "interval 0 of own quiet hours cannot be read",
    ],
    [
      "a zone that does not exist",
      { intervals: [], zone: "Asia/Soul" },
      "the zone of own quiet hours is unknown",
    ],
    ["a zone that is no text", { intervals: [], zone: 9 }, "the zone of own quiet hours is unknown"],
  ])("refuses %s, and repeats nothing of what was written", (_what, written, reason) => {
    expect(readOwnQuietHours(written)).toEqual(Result.fail(reason));
  });

  it("always reads back what was written from what it has read", () => {
    fc.assert(
      fc.property(anyOwnQuietHours, (own) => {
        const written =
          own === null
            ? null
            : {
                ...own,
                intervals: own.intervals.map(({ fromMinute, untilMinute }) => ({
                  from: clockReading(fromMinute),
                  until: clockReading(untilMinute),
                })),
              };
        expect(readOwnQuietHours(written)).toEqual(Result.succeed(own));
      }),
      { numRuns: 1_000 },
    );
  });

  it("never throws at anything", () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        for (const written of [
          anything,
          { intervals: anything },
          { intervals: [anything], zone: anything },
        ]) {
          expect(() => readOwnQuietHours(written)).not.toThrow();
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
