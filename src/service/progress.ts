/**
 * How far a long piece of work is: a bar that redraws itself on a terminal, plain lines elsewhere.
 *
 * It shows counts by outcome, the rate of the last seconds, and from that the time that remains; an average since the
 * start would be wrong for minutes after a pause. It is drawn at most ten times a second, so that a caller may tell it of
 * every batch.
 */
export interface ProgressFigures {
  /** How many there will be; `null` where nobody knows. */
  readonly total: number | null;
  /** By outcome, in the order in which they are shown: `{ sent: 2570, failed: 3 }`. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface Screen {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Asked at each drawing, since a window changes its size. */
  readonly columns: () => number;
}

export interface Progress {
  readonly show: (figures: ProgressFigures) => void;
  /** Draws the last figures, whenever that was, and goes to the next line. */
  readonly end: () => void;
}

/** The rate is that of this last stretch. */
const RATE_OVER_MS = 5_000;
const REDRAWN_EVERY_MS = 100;
/** Elsewhere than on a terminal every line stays. */
const LINE_EVERY_MS = 2_000;
const BAR_CELLS = 20;

interface Sample {
  readonly atMs: number;
  readonly done: number;
}

export const openProgress = (screen: Screen, monotonicMs: () => number): Progress => {
  const everyMs = screen.isTerminal ? REDRAWN_EVERY_MS : LINE_EVERY_MS;
  let samples: readonly Sample[] = [{ atMs: monotonicMs(), done: 0 }];
  let shownAtMs = -Infinity;
  let waiting: ProgressFigures | null = null;

  const draw = (figures: ProgressFigures, nowMs: number): void => {
    const done = doneOf(figures);
    samples = recent([...samples, { atMs: nowMs, done }], nowMs);
    const text = progressLine(figures, rateOf(samples));
    screen.write(
      screen.isTerminal ? `\r${cut(text, screen.columns() - 1)}\u001b[K` : `${text}\n`, // [K clears to the line's end
    );
    shownAtMs = nowMs;
    waiting = null;
  };
  return {
    show: (figures) => {
      const nowMs = monotonicMs();
      if (nowMs - shownAtMs >= everyMs) draw(figures, nowMs);
      else waiting = figures;
    },
    end: () => {
      if (waiting !== null) draw(waiting, monotonicMs());
      if (screen.isTerminal && shownAtMs > -Infinity) screen.write("\n");
    },
  };
};

const doneOf = ({ outcomes }: ProgressFigures): number =>
  Object.values(outcomes).reduce((sum, count) => sum + count, 0);

/** With the last one before the stretch, so that the whole of it counts. */
const recent = (samples: readonly Sample[], nowMs: number): readonly Sample[] => {
  const first = samples.findLastIndex(({ atMs }) => atMs <= nowMs - RATE_OVER_MS);
  return samples.slice(Math.max(first, 0));
};

/** Items a second; nothing can be said of no time at all. */
const rateOf = (samples: readonly Sample[]): number | null => {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return Math.max(0, ((last.done - first.done) * 1_000) / (last.atMs - first.atMs));
};

/** `[##########----------] 50 % 2,500/5,000 · sent 2,480 · failed 20 · 500/s · about 5 s left` */
export const progressLine = (figures: ProgressFigures, perSecond: number | null): string => {
  const done = doneOf(figures);
  const { total, outcomes } = figures;
  const parts = [howFar(done, total)];
  for (const [outcome, count] of Object.entries(outcomes)) {
    if (count > 0) parts.push(`${outcome.replaceAll("_", " ")} ${grouped(count)}`);
  }
  if (perSecond !== null) parts.push(`${grouped(Math.round(perSecond))}/s`);
  if (total !== null && done < total && perSecond !== null && perSecond > 0) {
    parts.push(`about ${timeInWords(((total - done) / perSecond) * 1_000)} left`);
  }
  return parts.join(" · ");
};

const howFar = (done: number, total: number | null): string => {
  if (total === null) return grouped(done);
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const cells = Math.floor(part * BAR_CELLS);
  const bar = `[${"#".repeat(cells)}${"-".repeat(BAR_CELLS - cells)}]`;
  // Rounded down: 100 % is said of the end only.
  return `${bar} ${Math.floor(part * 100)} % ${grouped(done)}/${grouped(total)}`;
};

/** `12,345`, the same on every machine. */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** `8 s`, `3 min`, `2 h 05 min`. */
export const timeInWords = (ms: number): string => {
  if (ms < MINUTE_MS) return `${Math.max(1, Math.ceil(ms / 1_000))} s`;
  if (ms < HOUR_MS) return `${Math.ceil(ms / MINUTE_MS)} min`;
  const minutes = Math.ceil(ms / MINUTE_MS);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
};

/** A line that wraps would not be drawn over. */
const cut = (text: string, columns: number): string =>
  text.length <= columns ? text : text.slice(0, Math.max(0, columns));
