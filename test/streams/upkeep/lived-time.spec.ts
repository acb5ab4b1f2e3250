import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import { LivedTime } from "../../../src/streams/upkeep/lived-time.ts";

const HORIZON_MS = 60_000;
const AN_HOUR_MS = 3_600_000;
/** By so little a clock may be set back unseen: 20 ms, and the time that the ledger takes to answer before it and after. */
const UNSEEN_MS = 20 + 2 * (20 + 20);

/** A database whose clock somebody sets, and a process that looks at it once a second. */
class TwoClocks {
  realMs = 0;
  aheadMs = 1_000_000;
  readonly lived = new LivedTime(HORIZON_MS);

  get shown() {
    return instant(this.realMs + this.aheadMs);
  }

  look(): void {
    this.lived.mark(this.shown, this.realMs, this.realMs);
  }

  pass(ms: number): void {
    for (const untilMs = this.realMs + ms; this.realMs < untilMs;) {
      this.realMs = Math.min(untilMs, this.realMs + 1_000);
      this.look();
    }
  }

  since(at: ReturnType<typeof instant>): number {
    return this.lived.sinceMs(at, this.realMs);
  }
}

describe("lived time", () => {
  it("is what has passed here, not what the ledger's clock was set forward by", () => {
    const clocks = new TwoClocks();
    clocks.pass(10_000);
    const won = clocks.shown;
    clocks.aheadMs += AN_HOUR_MS;
    clocks.pass(5_000);
    expect(clocks.shown - won).toBe(AN_HOUR_MS + 5_000);
    expect(clocks.since(won)).toBeLessThanOrEqual(5_000);
    clocks.pass(30_000);
    expect(clocks.since(won)).toBeGreaterThan(30_000);
  });

  it("is none for somebody who has just begun", () => {
    const clocks = new TwoClocks();
    const won = clocks.shown;
    clocks.realMs += AN_HOUR_MS;
    expect(clocks.since(won)).toBe(0);
    clocks.look();
    expect(clocks.since(won)).toBe(0);
    clocks.pass(10_000);
    expect(clocks.since(won)).toBe(9_000);
  });

  it("begins anew when the ledger's clock was set back", () => {
    const clocks = new TwoClocks();
    clocks.pass(AN_HOUR_MS);
    clocks.aheadMs -= 10_000;
    clocks.pass(2_000);
    // it shows now what it has shown before
    const won = instant(clocks.shown - 1_000);
    clocks.pass(5_000);
    expect(clocks.since(won)).toBeLessThanOrEqual(6_000);
  });

  it("is as long as anybody asks for, with few marks, where all goes well", () => {
    const clocks = new TwoClocks();
    clocks.pass(AN_HOUR_MS);
    const won = clocks.shown;
    clocks.pass(HORIZON_MS);
    expect(clocks.since(won)).toBeGreaterThan(HORIZON_MS - 3_000);
    clocks.pass(3_000);
    expect(clocks.since(won)).toBeGreaterThan(HORIZON_MS);
    clocks.pass(AN_HOUR_MS);
    expect(clocks.since(won)).toBeGreaterThan(HORIZON_MS);
  });

  it("is never longer than what has really passed, but for some milliseconds, however the ledger's clock is set and however long it takes to answer", () => {
    const happening = fc.oneof(
      fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(10_000) }),
      fc.record({
        kind: fc.constant("set" as const),
        ms: fc.oneof(fc.integer({ min: 100, max: 200_000 }), fc.integer({ min: -200_000, max: -100 })),
      }),
      fc.record({ kind: fc.constant("look" as const), goMs: fc.nat(20), comeMs: fc.nat(20) }),
      fc.record({ kind: fc.constant("win" as const) }),
    );
    fc.assert(
      fc.property(fc.array(happening, { minLength: 5, maxLength: 80 }), (happenings) => {
        const lived = new LivedTime(HORIZON_MS);
        const won: { readonly at: ReturnType<typeof instant>; readonly realMs: number }[] = [];
        let realMs = 0;
        let aheadMs = 1_000_000;
        // twice between two looks, back and forward again, nobody sees
        let isSet = false;
        for (const happens of happenings) {
          if (happens.kind === "pass") realMs += happens.ms;
          else if (happens.kind === "set") {
            if (!isSet) aheadMs += happens.ms;
            isSet = true;
          } else if (happens.kind === "win") won.push({ at: instant(realMs + aheadMs), realMs });
          else {
            const fromMs = realMs;
            isSet = false;
            realMs += happens.goMs;
            const at = instant(realMs + aheadMs);
            realMs += happens.comeMs;
            lived.mark(at, fromMs, realMs);
            for (const { at: wonAt, realMs: wonMs } of won)
              expect(lived.sinceMs(wonAt, realMs)).toBeLessThanOrEqual((realMs - wonMs) * 1.001 + UNSEEN_MS);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
