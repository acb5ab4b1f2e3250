/**
 * The checks know nothing of the table, and the table nothing of them: whatever lives the table allows, they find nothing; and
 * whatever line is taken out of a life or changed in it, they find something.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import type { HistoryEntry } from "../../../src/domain/lifecycle/rule.ts";
import type { NoticeRecord } from "../../../src/domain/ports/notice-ledger.ts";
import type { Surroundings } from "../../../src/service/verify/check.ts";
import { CHECKS } from "../../../src/service/verify/checks.ts";
import { journey, type Taken } from "../../domain/lifecycle/journeys.ts";

const SURROUNDINGS: Surroundings = {
  now: instant(0),
  policies: new Map(),
  policyAt: () => null,
  evidenceAt: instant(0),
  evidenceChannels: new Set(),
};

/** The journeys begin in the middle of an epoch's count; a life as the ledger knows it begins at its ingest. */
const recordOf = (taken: readonly Taken[]): NoticeRecord | null => {
  const last = taken.at(-1)?.after;
  const ingestedAt = taken[0]?.before.notice.epoch;
  if (last === undefined || ingestedAt === undefined) return null;
  const counted = <R extends { readonly epoch: number }>(row: R): R => ({
    ...row,
    epoch: row.epoch - ingestedAt,
  });
  const history = taken.flatMap(({ outcome }) =>
    outcome.verdict === "won" && outcome.history !== null ? [counted(outcome.history)] : [],
  );
  return {
    notice: counted(last.notice),
    attempts: last.attempts.map(counted),
    deadLetters: last.deadLetters.map(counted),
    history,
  };
};

const findings = (record: NoticeRecord): readonly string[] =>
  CHECKS.flatMap((check) =>
    check(
      {
        noticeId: record.notice.noticeId,
        period: record.notice.period,
        record,
        isItsRecipient: true,
        ownQuietHours: null,
        wakeAt: null,
        isFound: true,
        accepted: null,
      },
      SURROUNDINGS,
    ).map(({ invariant, words }) => `${invariant}: ${words}`),
  );

const life = journey.map(recordOf).filter((record) => record !== null);
/** Lives in which the provider kept its class. */
const honest = life.filter(({ attempts }) => attempts.every(({ contradiction }) => contradiction === null));

describe("the checks of one notice", () => {
  it("find nothing in any life that the table allows", () => {
    fc.assert(
      fc.property(honest, (record) => {
        expect(findings(record)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("find nothing but the contradiction where a provider broke its class", () => {
    fc.assert(
      fc.property(
        life.filter(({ attempts }) => attempts.some(({ contradiction }) => contradiction !== null)),
        (record) => {
          expect(new Set(findings(record).map((words) => words.slice(0, 2)))).toEqual(new Set(["C2"]));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  /** A hold, a wish to cancel, a permitted copy: lines that change neither status nor epoch. */
  const changesNothing = ({ transition, from, to }: HistoryEntry): boolean =>
    from === to && transition !== "T11r";

  it("find every line that was taken out of a history", () => {
    fc.assert(
      fc.property(
        honest.filter(({ history }) => history.some((line) => !changesNothing(line))),
        fc.nat(),
        (record, pick) => {
          const { history } = record;
          const places = [...history.keys()].filter((place) => {
            const line = history[place];
            return line !== undefined && !changesNothing(line);
          });
          const gone = places[pick % places.length];
          expect(findings({ ...record, history: history.filter((_, place) => place !== gone) })).not.toEqual(
            [],
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("find every attempt that was taken away", () => {
    fc.assert(
      fc.property(
        honest.filter(({ attempts }) => attempts.length > 0),
        fc.nat(),
        (record, pick) => {
          const gone = pick % record.attempts.length;
          const attempts = record.attempts.filter((_, place) => place !== gone);
          expect(findings({ ...record, attempts })).not.toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("find every dead letter that was taken away", () => {
    fc.assert(
      fc.property(
        honest.filter(({ deadLetters }) => deadLetters.length > 0),
        fc.nat(),
        (record, pick) => {
          const gone = pick % record.deadLetters.length;
          const deadLetters = record.deadLetters.filter((_, place) => place !== gone);
          expect(findings({ ...record, deadLetters })).not.toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
