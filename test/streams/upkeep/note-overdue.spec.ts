import { describe, expect, it } from "vitest";
import { attemptId } from "../../../src/domain/ids.ts";
import { noteOverdue } from "../../../src/streams/upkeep/note-overdue.ts";
import { SEND_WINDOW_MS, SMS } from "../../contracts/notice-ledger-commands.ts";
import { ANSWER_WINDOW_MS, worldWith } from "./world.ts";

describe("noteOverdue", () => {
  it("makes a doubt of a right to send of which nobody has heard within the answer window", async () => {
    const world = await worldWith();
    const duty = noteOverdue(world.ports, world.limits({ answerWindowMs: 0 }));
    await world.sending("n1");
    await world.clock.advance(SEND_WINDOW_MS + ANSWER_WINDOW_MS);
    expect(await world.turn(duty)).toMatchObject({ changed: 0 });
    await world.clock.advance(1);
    expect(await world.turn(duty)).toMatchObject({ changed: 1 });
    const { notice, deadLetters } = world.view("n1");
    expect(notice.status).toBe("in_doubt");
    expect(deadLetters).toMatchObject([{ kind: "doubt", state: "open" }]);
  });

  it("waits longer than the sender does where it is told to", async () => {
    const world = await worldWith();
    const duty = noteOverdue(world.ports, world.limits({ answerWindowMs: ANSWER_WINDOW_MS + 1_000 }));
    await world.sending("n1");
    await world.clock.advance(SEND_WINDOW_MS + ANSWER_WINDOW_MS + 1_000);
    expect(await world.turn(duty)).toMatchObject({ changed: 0 });
    await world.clock.advance(1);
    expect(await world.turn(duty)).toMatchObject({ changed: 1 });
  });

  it("leaves alone what was heard of", async () => {
    const world = await worldWith();
    const duty = noteOverdue(world.ports, world.limits());
    await world.sending("n1");
    await world.win("accept", "n1", { attemptId: attemptId("of-n1") });
    await world.clock.advance(SEND_WINDOW_MS + ANSWER_WINDOW_MS + 1);
    expect(await world.turn(duty)).toMatchObject({ found: 0, changed: 0 });
    expect(world.view("n1").notice.status).toBe("sent");
  });

  it("waits its own time on a channel whose provider is not at hand", async () => {
    const world = await worldWith();
    const duty = noteOverdue(world.ports, world.limits({ answerWindowMs: ANSWER_WINDOW_MS * 2 }));
    await world.ingest("n1", { contacts: { [SMS]: "sealed:010" } });
    await world.win("route", "n1", {
      choice: { channel: SMS, policyVersion: world.ports.policies.active()!.version },
    }); // activated above
    await world.win("claim", "n1");
    await world.win("begin-send", "n1", { attemptId: attemptId("of-n1") });
    await world.clock.advance(SEND_WINDOW_MS + ANSWER_WINDOW_MS + 1);
    expect(await world.turn(duty)).toMatchObject({ changed: 0 });
    await world.clock.advance(ANSWER_WINDOW_MS);
    expect(await world.turn(duty)).toMatchObject({ changed: 1 });
  });
});
