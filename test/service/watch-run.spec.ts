/** What somebody sees who waits for a run by hand. */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { runId } from "../../src/domain/ids.ts";
import { openOutput } from "../../src/service/output.ts";
import { watchRun } from "../../src/service/watch-run.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

type Watched = Parameters<typeof watchRun>[0];

const world = (isTerminal: boolean) => {
  const clock = new VirtualClock();
  const written: string[] = [];
  const ledger = { paused: [] as string[], candidates: 0, looks: 0, answersAfterMs: 0 };
  const answered = <A>(answer: () => A): Effect.Effect<A> =>
    Effect.promise(
      () => new Promise<A>((resolve) => void clock.after(ledger.answersAfterMs, () => resolve(answer()))),
    );
  const figures = () => ({
    ...{ candidates: ledger.candidates, admitted: ledger.candidates, putOff: 0, suppressed: 0, expired: 0 },
    heldBy: {},
  });
  const wiring = {
    ledger: {
      pauses: Effect.suspend(() => {
        ledger.looks += 1;
        return answered(() => ledger.paused);
      }),
    },
    runs: { read: () => Effect.sync(() => ({ figures: figures() })) },
    system: clock.ports,
    // of the wiring these are what it looks at
  } as unknown as Watched;
  const write = (text: string): void => void written.push(text);
  const output = openOutput(
    { stdout: write, stderr: write, isTerminal, columns: () => 80, monotonicMs: clock.monotonicMs },
    false,
  );
  return { clock, ledger, written, watch: watchRun(wiring, runId("run-1"), output) };
};

describe("a run that somebody waits for", () => {
  it("is shown as it goes on, and not again where nothing has changed", async () => {
    const { clock, ledger, written, watch } = world(false);
    await clock.advance(500);
    expect(written).toEqual([]);
    ledger.candidates = 40;
    await clock.advance(3_000);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^40 · admitted 40 · \d+\/s\n$/);
    await clock.advance(60_000);
    expect(written).toHaveLength(1);
    watch.end();
    ledger.candidates = 50;
    ledger.paused = ["*"];
    await clock.advance(5_000);
    expect(written).toHaveLength(1);
  });

  it("tells of a pause and of its end on lines of their own, also on a terminal that shows a bar", async () => {
    const { clock, ledger, written, watch } = world(true);
    await clock.advance(500);
    ledger.candidates = 10;
    await clock.advance(1_000);
    ledger.paused = ["sms", "email"];
    await clock.advance(1_000);
    ledger.paused = [];
    await clock.advance(1_000);
    watch.end();
    const screen = written.join("");
    expect(screen).toContain(
      "\nPaused: email, sms. What would go there stays a candidate, and the run waits for it: millrace resume email, millrace resume sms\n",
    );
    expect(screen).toContain("\nNothing is paused any more: the run goes on.\n");
  });

  it("asks a slow ledger once at a time", async () => {
    const { clock, ledger, watch } = world(false);
    await clock.advance(500);
    ledger.answersAfterMs = 10_000;
    await clock.advance(9_500);
    expect(ledger.looks).toBe(2); // at once, and a second later
    await clock.advance(2_000);
    expect(ledger.looks).toBe(3);
    watch.end();
  });
});
