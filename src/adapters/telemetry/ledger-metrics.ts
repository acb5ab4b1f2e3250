/**
 * The ledger's own numbers: notices by status, what is held, dead letters and doubts, and the run in hand. They are of the
 * service's last look at them, and say when that was.
 */
import { Gauge, type Registry } from "prom-client";
import { STATUSES } from "../../domain/notice.ts";
import type { NoticeCounts } from "../../domain/ports/ledger-reports.ts";
import type { Run } from "../../domain/ports/runs.ts";
import type { Glances } from "./glances.ts";

type Set = (value: number, ...labels: readonly string[]) => void;

const MS = 1_000;

export const ledgerMetrics = ({ counts, run }: Glances, registers: Registry[]): void => {
  const gauge = <Seen>(
    look: () => Seen | null,
    name: string,
    help: string,
    labelNames: readonly string[],
    read: (seen: Seen, set: Set) => void,
  ): void => {
    new Gauge({
      ...{ name, help, labelNames, registers },
      collect() {
        this.reset();
        const seen = look();
        if (seen === null) {
          // Without labels a gauge begins with a nought that nobody has seen.
          if (labelNames.length === 0) this.remove();
          return;
        }
        read(seen, (value, ...labels) => {
          this.labels(...labels).set(value);
        });
      },
    });
  };
  const ofCounts = (
    ...rest: [string, string, readonly string[], (seen: NoticeCounts, set: Set) => void]
  ): void => {
    gauge(counts, ...rest);
  };
  ofCounts("millrace_notices", "Notices by status.", ["status"], ({ groups }, set) => {
    for (const status of STATUSES) {
      const alike = groups.filter((group) => group.status === status);
      set(
        alike.reduce((sum, { count }) => sum + count, 0),
        status,
      );
    }
  });
  ofCounts("millrace_notices_held", "Held notices by reason.", ["reason"], ({ groups }, set) => {
    const held = new Map<string, number>();
    for (const { holdReason, count } of groups) {
      if (holdReason !== null) held.set(holdReason, (held.get(holdReason) ?? 0) + count);
    }
    for (const [reason, count] of held) set(count, reason);
  });
  ofCounts(
    "millrace_letters_open",
    "Dead letters and doubts that nobody has decided.",
    ["kind"],
    ({ openLetters }, set) => {
      for (const [kind, count] of Object.entries(openLetters)) set(count, kind);
    },
  );
  ofCounts(
    "millrace_oldest_doubt_seconds",
    "Age of the oldest doubt; 0 where there is none.",
    [],
    ({ at, oldestDoubtAt }, set) => {
      set(oldestDoubtAt === null ? 0 : Math.max(0, at - oldestDoubtAt) / MS);
    },
  );
  ofCounts("millrace_counted_at_seconds", "When the notices were counted.", [], ({ at }, set) => {
    set(at / MS);
  });
  gauge(
    run,
    "millrace_run_figure",
    "Figures of the open run, or of the last one.",
    ["figure"],
    ({ figures }: Run, set) => {
      const { heldBy, ...plain } = figures;
      for (const [figure, value] of Object.entries(plain)) set(value, snake(figure));
      set(
        Object.values(heldBy).reduce((sum, count) => sum + count, 0),
        "held",
      );
    },
  );
  gauge(run, "millrace_run_open", "1 while a run is open.", [], ({ state }: Run, set) => {
    set(state === "open" ? 1 : 0);
  });
};

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
