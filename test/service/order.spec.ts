import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { memoryLedger } from "../../src/adapters/memory/notice-ledger.ts";
import { instant } from "../../src/domain/ids.ts";
import { answerInWords, endingOf, given } from "../../src/service/order.ts";
import { aNotice, command, START } from "../contracts/notice-ledger-commands.ts";

describe("an operator's order", () => {
  const ledger = memoryLedger({ now: () => instant(START) });

  it("is answered in words that say what to do next, and by a number that a script can decide by", async () => {
    await Effect.runPromise(ledger.ingest([aNotice("a")]));
    const cancel = command("cancel", "a");
    const done = await given(ledger, cancel);
    expect([answerInWords(done), endingOf(done)]).toEqual(["done", "ok"]);
    const again = await given(ledger, cancel);
    expect([answerInWords(again), endingOf(again)]).toEqual(["done before", "ok"]);
    const stale = await given(ledger, command("replay", "a", { generation: 2 }));
    expect([answerInWords(stale), endingOf(stale)]).toEqual([
      "not done: somebody else has replayed it",
      "conflict",
    ]);
    const late = await given(ledger, command("replay", "a", { expiresAt: instant(START) }));
    expect([answerInWords(late), endingOf(late)]).toEqual([
      "not done: its time is over: give it a new one with --expires-at",
      "refused",
    ]);
    const unknown = await given(ledger, command("cancel", "b"));
    expect([answerInWords(unknown), endingOf(unknown)]).toEqual([
      "not done: the ledger answers gone (unknown notice)",
      "conflict",
    ]);
  });

  it("fails where the ledger cannot take it", async () => {
    const nul = command("cancel", "a", { reason: "a\0b" });
    await expect(given(ledger, nul)).rejects.toMatchObject({ _tag: "Permanent" });
  });
});
