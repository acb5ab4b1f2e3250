import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grouped, openProgress, progressLine, timeInWords } from "../../src/service/progress.ts";

const screenOf = (isTerminal: boolean, columns = 200) => {
  const written: string[] = [];
  return { written, isTerminal, columns: () => columns, write: (text: string) => written.push(text) };
};

describe("a line of progress", () => {
  it("shows how far, by outcome, how fast and how long still", () => {
    const outcomes = { sent: 2_480, failed: 20, in_doubt: 0 };
    expect(progressLine({ total: 5_000, outcomes }, 500)).toBe(
      "[##########----------] 50 % 2,500/5,000 · sent 2,480 · failed 20 · 500/s · about 5 s left",
    );
  });

  it("says nothing of the time that remains where nobody knows the end, or nothing moves", () => {
    expect(progressLine({ total: null, outcomes: { read: 12_345 } }, 10)).toBe("12,345 · read 12,345 · 10/s");
    expect(progressLine({ total: 10, outcomes: { sent: 5 } }, 0)).not.toContain("left");
  });

  it("always says 100 % at the end and not a moment sooner", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e7 }), fc.nat({ max: 1e7 }), (total, done) => {
        const whole = progressLine({ total, outcomes: { sent: done } }, null).includes(" 100 % ");
        expect(whole).toBe(done >= total);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("progress on a terminal", () => {
  it("draws over its line, and leaves it at the end", () => {
    const screen = screenOf(true);
    let nowMs = 0;
    const progress = openProgress(screen, () => nowMs);
    progress.show({ total: 4, outcomes: { sent: 1 } });
    nowMs = 1_000;
    progress.show({ total: 4, outcomes: { sent: 3 } });
    progress.end();
    expect(screen.written.slice(0, -1).every((text) => text.startsWith("\r") && !text.includes("\n"))).toBe(
      true,
    );
    expect(screen.written.at(-1)).toBe("\n");
  });

  it("never draws more often than ten times a second, and always shows the last figures", () => {
    const told = fc.array(fc.record({ afterMs: fc.nat({ max: 150 }), more: fc.nat({ max: 50 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(told, (steps) => {
        const screen = screenOf(true);
        let nowMs = 0;
        let sent = 0;
        const progress = openProgress(screen, () => nowMs);
        for (const { afterMs, more } of steps) {
          nowMs += afterMs;
          sent += more;
          progress.show({ total: null, outcomes: { sent } });
        }
        progress.end();
        const drawn = screen.written.filter((text) => text.startsWith("\r"));
        expect(drawn.length).toBeLessThanOrEqual(Math.floor(nowMs / 100) + 2);
        expect(drawn.at(-1)).toContain(`\r${grouped(sent)}`);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never writes beyond the right edge, where a line would wrap and stay", () => {
    const screen = screenOf(true, 30);
    const progress = openProgress(screen, () => 0);
    progress.show({ total: 1e6, outcomes: { sent: 1e5, failed: 1e4, suppressed: 1e4 } });
    const visible = screen.written.join("").replace("\r", "").replace("\u001b[K", "");
    expect(visible.length).toBeLessThan(30);
  });
});

describe("progress elsewhere", () => {
  it("writes a whole line every two seconds, and no control characters", () => {
    const screen = screenOf(false);
    let nowMs = 0;
    const progress = openProgress(screen, () => nowMs);
    for (let step = 1; step <= 40; step += 1) {
      nowMs += 100;
      progress.show({ total: 40, outcomes: { sent: step } });
    }
    progress.end();
    expect(screen.written.length).toBe(3);
    for (const text of screen.written) expect(text).toMatch(/^[\x20-\x7e·]+\n$/);
    expect(screen.written.at(-1)).toContain("100 %");
  });

  it("takes the rate from the last seconds, so that a pause is forgotten soon", () => {
    const screen = screenOf(false);
    let nowMs = 0;
    const progress = openProgress(screen, () => nowMs);
    progress.show({ total: 10_000, outcomes: { sent: 0 } });
    nowMs = 600_000;
    progress.show({ total: 10_000, outcomes: { sent: 0 } });
    for (let second = 1; second <= 10; second += 1) {
      nowMs += 1_000;
      progress.show({ total: 10_000, outcomes: { sent: second * 100 } });
    }
    expect(screen.written.at(-1)).toContain(" · 100/s · about 2 min left");
  });
});

describe("words for a time", () => {
  it.each([
    [0, "1 s"],
    [7_200, "8 s"],
    [61_000, "2 min"],
    [7_500_000, "2 h 05 min"],
  ])("says %i ms as %s", (ms, words) => {
    expect(timeInWords(ms)).toBe(words);
  });
});
