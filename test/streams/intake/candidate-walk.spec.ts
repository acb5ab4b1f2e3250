/**
 * The walk as a source: turns for as long as there is something to walk to, and an end.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { instant, noticeId } from "../../../src/domain/ids.ts";
import { CandidateWalk } from "../../../src/streams/intake/candidate-walk.ts";

const pulled = (walk: CandidateWalk) => Effect.runSync(walk.turns.pull({ records: 3, bytes: Infinity }));
const cursor = { dueAt: instant(1), noticeId: noticeId("n1") };

describe("CandidateWalk", () => {
  it("gives one turn a pull, and ends after the page that has no next", () => {
    const walk = new CandidateWalk();
    expect(pulled(walk)).toMatchObject({ records: [{ body: { turn: 1 } }], ended: false });
    walk.goOn(cursor, false);
    expect(walk.after).toEqual(cursor);
    expect(pulled(walk)).toMatchObject({ records: [{ body: { turn: 2 } }], ended: false });
    walk.goOn(null, false);
    expect(pulled(walk)).toEqual({ records: [], ended: true });
  });

  it("ends where the run admits nothing more, however many candidates follow", () => {
    const walk = new CandidateWalk();
    walk.goOn(cursor, true);
    expect(pulled(walk)).toEqual({ records: [], ended: true });
  });
});
