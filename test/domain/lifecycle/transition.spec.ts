import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLive, type AttemptState } from "../../../src/domain/attempt.ts";
import { after, TABLE, transition } from "../../../src/domain/lifecycle/transition.ts";
import type { NoticeView } from "../../../src/domain/lifecycle/rule.ts";
import { isFinal, type Status } from "../../../src/domain/notice.ts";
import { ask, expectRefusal, won } from "./asking.ts";
import { journey, type Taken } from "./journeys.ts";
import { CALM, EPOCH, HOLDER, NOW, WINNING, viewIn } from "./samples.ts";

describe("the transition function", () => {
  it("takes a notice from the router to the provider and to its end", () => {
    const queued = won("route", viewIn("ready"));
    const claimed = won("claim", queued, { command: { epoch: EPOCH + 1 } });
    const sending = won("begin-send", claimed, { command: { epoch: EPOCH + 2 } });
    const sent = won("accept", sending, { command: { attemptId: WINNING["begin-send"].attemptId } });
    expect(sent.notice).toMatchObject({ status: "sent", epoch: EPOCH + 2, attemptNo: 1 });
    expect(sent.attempts.map(({ state }) => state)).toEqual(["accepted"]);
  });

  it("says what it did, in a line for the history", () => {
    expect(ask("claim", viewIn("queued"))).toMatchObject({
      history: {
        transition: "T3",
        from: "queued",
        to: "claimed",
        epoch: EPOCH + 1,
        generation: 1,
        attemptNo: 1,
        channel: "email",
        attemptId: null,
        actor: HOLDER,
        because: null,
        at: NOW,
      },
    });
  });

  it("asks in a fixed order: is it there, is it done, is it over, is it the time, then each guard", () => {
    const { claim } = WINNING;
    expectRefusal(transition(undefined, claim, CALM), "gone", "unknown notice");
    const done = viewIn("claimed", { epoch: EPOCH + 1, holdReason: "contradiction" });
    expectRefusal(transition(done, claim, CALM), "already-mine", "T3.already-mine");
    expectRefusal(transition(viewIn("sent"), claim, CALM), "gone", "T3.status");
    expectRefusal(transition(viewIn("sending"), claim, CALM), "lost", "T3.status");
    const doubly = viewIn("queued", { epoch: EPOCH + 1, holdReason: "contradiction" });
    expectRefusal(transition(doubly, claim, CALM), "lost", "T3.epoch");
  });
});

const AHEAD: Readonly<Record<AttemptState, number>> = {
  intent: 0,
  in_doubt: 1,
  accepted: 2,
  rejected: 2,
  not_handed_over: 2,
};

/** Some 45,000 steps a property: in them an `expect` would cost more than all the rest. */
const always = (holds: (taken: Taken) => void): void => {
  fc.assert(
    fc.property(journey, (takens) => {
      takens.forEach(holds);
    }),
    { numRuns: 1000 },
  );
};

const entered = ({ before, after }: Taken, status: Status): number =>
  before.notice.status !== status && after.notice.status === status ? 1 : 0;
const letters = (view: NoticeView, kind: string): number =>
  view.deadLetters.filter((letter) => letter.kind === kind).length;

/** These say of themselves whether they are done already. */
const REPEATABLE = new Set(
  Object.entries(TABLE).flatMap(([type, rule]) => (rule.alreadyMine === undefined ? [] : [type])),
);

describe("whatever is asked, and in whatever order", () => {
  it("meets every status, every verdict and every command", () => {
    const met = new Set<string>();
    always(({ before, command, outcome }) => {
      met.add(before.notice.status).add(outcome.verdict).add(command.type);
      if (outcome.verdict === "won") met.add(`${command.type} won`);
    });
    expect(met.size).toBe(10 + 5 + 21 + 21);
  });

  it("an epoch and a generation never fall", () => {
    always(({ before, after }) => {
      ok(after.notice.epoch >= before.notice.epoch);
      ok(after.notice.generation >= before.notice.generation);
    });
  });

  it("a holder's write with an old epoch changes nothing", () => {
    always(({ before, command, outcome }) => {
      const isHolders = ["renew", "release", "unpreparable", "begin-send", "step-back"].includes(
        command.type,
      );
      if (!isHolders || !("epoch" in command) || command.epoch === before.notice.epoch) return;
      notEqual(outcome.verdict, "won");
    });
  });

  it("attempts go forward only, and copies are never taken back", () => {
    always(({ before, after }) => {
      for (const old of before.attempts) {
        const now = after.attempts.find(({ attemptId }) => attemptId === old.attemptId);
        notEqual(now, undefined);
        if (now === undefined || now.state === old.state) continue;
        ok(AHEAD[now.state] > AHEAD[old.state]);
        ok(now.copies >= old.copies);
      }
    });
  });

  it("at most one attempt of a generation is live", () => {
    always(({ after }) => {
      const lives = after.attempts.filter(({ state }) => isLive(state)).map(({ generation }) => generation);
      equal(new Set(lives).size, lives.length);
    });
  });

  it("each entry into failed or in doubt leaves exactly one letter, and nothing else does", () => {
    always((taken) => {
      const { before, after } = taken;
      equal(letters(after, "failed") - letters(before, "failed"), entered(taken, "failed"));
      equal(letters(after, "doubt") - letters(before, "doubt"), entered(taken, "in_doubt"));
    });
  });

  it("what is over stays over, but for a replay; a contradiction and its lifting only mark it", () => {
    always(({ before, command, outcome, after }) => {
      if (!isFinal(before.notice.status) || outcome.verdict !== "won") return;
      if (command.type === "replay") equal(after.notice.status, "ready");
      else {
        ok(["accept", "unhold"].includes(command.type));
        deepEqual({ ...after.notice, holdReason: null }, { ...before.notice, holdReason: null });
      }
    });
  });

  it("a yes changes something or is written down; a no carries nothing to change", () => {
    always(({ before, outcome, after }) => {
      if (outcome.verdict === "won") ok(outcome.history !== null || after !== before);
      else deepEqual(Object.keys(outcome).sort(), ["because", "verdict"]);
    });
  });

  it("a line in the history says from where to where it went", () => {
    always(({ before, outcome, after }) => {
      if (outcome.verdict !== "won" || outcome.history === null) return;
      const { from, to, epoch, generation } = outcome.history;
      deepEqual([from, to], [before.notice.status, after.notice.status]);
      deepEqual([epoch, generation], [after.notice.epoch, after.notice.generation]);
    });
  });

  it("what was won is recognised when it is asked again at once, where it says whether it is done", () => {
    always(({ command, facts, outcome, after }) => {
      if (outcome.verdict !== "won" || !REPEATABLE.has(command.type)) return;
      equal(transition(after, command, facts).verdict, "already-mine");
    });
  });

  it("only an acceptance leads to sent, and sent means an accepted attempt", () => {
    always(({ before, command, after }) => {
      if (after.notice.status !== "sent") return;
      if (before.notice.status !== "sent") equal(command.type, "accept");
      const { generation } = after.notice;
      const accepted = after.attempts.filter(
        (attempt) => attempt.state === "accepted" && attempt.generation === generation,
      );
      equal(accepted.length, 1);
    });
  });
});

describe("the rows after a change", () => {
  it("put a changed row in its old one's place, append a new one, and keep keys unique", () => {
    always(({ before, after: now }) => {
      const ids = now.attempts.map(({ attemptId }) => attemptId);
      deepEqual(
        ids.slice(0, before.attempts.length),
        before.attempts.map(({ attemptId }) => attemptId),
      );
      equal(new Set(ids).size, ids.length);
      const keys = now.deadLetters.map(({ kind, epoch }) => `${kind} ${epoch}`);
      equal(new Set(keys).size, keys.length);
    });
  });

  it("are the same rows where a change names the notice alone", () => {
    const view = viewIn("in_doubt");
    expect(after(view, { notice: view.notice })).toEqual(view);
  });
});
