/**
 * Upkeep: what brings every notice to its end that nobody is working on. One loop a duty, side by side; any number of processes may
 * do this at once, because each duty only asks, and the ledger's guards decide.
 */
import { DoubtDesk } from "./doubt-desk.ts";
import type { Duty } from "./duty.ts";
import { DutyLoop, type DutyHealth } from "./duty-loop.ts";
import { expireNotices } from "./expire-notices.ts";
import { lapseLeases } from "./lapse-leases.ts";
import { ledgerLink } from "./ledger-link.ts";
import { noteOverdue } from "./note-overdue.ts";
import { relay } from "./relay.ts";
import { releasePauses } from "./release-pauses.ts";
import { releasePolicyHolds } from "./release-policy-holds.ts";
import { replayFailed } from "./replay-failed.ts";
import { republishQueued } from "./republish-queued.ts";
import { resolveDoubts } from "./resolve-doubts.ts";
import { routeAdmitted } from "./route-admitted.ts";
import { tellUnheard } from "./tell-unheard.ts";
import { UpkeepEvents, type UpkeepListener } from "./upkeep-events.ts";
import { upkeepLimits, type UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

/** How the duties do, and how many doubts there are. */
export interface UpkeepHealth {
  readonly duties: readonly DutyHealth[];
  readonly doubts: {
    /** Look-ups and copies under way. */
    readonly underWay: number;
    /** Found, and waiting for the time at which they can be helped. */
    readonly waiting: number;
    /** Of those, the ones that only an operator can end. */
    readonly owed: number;
  };
}

/** Upkeep that was started. */
export interface Upkeep {
  /** Begins nothing more, and resolves when what is under way has ended: at most a send window and an answer window. */
  readonly stop: () => Promise<void>;
  readonly health: () => UpkeepHealth;
  /** Returns the way to stop listening. */
  readonly onEvent: (listener: UpkeepListener) => () => void;
}

/** Each may have a megabyte. */
const POISON_AT_ONCE = 16;

/** Of all the silences between two answers of the ledger the longest that is no break. */
const silenceMs = ({ leaseMs, sweepMs }: UpkeepLimits): number => Math.max(leaseMs / 3, 3 * sweepMs);

/** Starts the duties that bring every notice to its end; any number of processes may. */
export const startUpkeep = (ports: UpkeepPorts, options: Partial<UpkeepLimits> = {}): Upkeep => {
  const limits = upkeepLimits(options, ports.log !== null);
  const { system } = ports;
  const events = new UpkeepEvents();
  const link = ledgerLink(ports.ledger, { clock: system.clock, silenceMs: silenceMs(limits) });
  const linked: UpkeepPorts = { ...ports, ledger: link.ledger };
  const desk = new DoubtDesk(linked, limits, events);
  const duties: readonly Duty[] = [
    lapseLeases(linked, link, limits),
    expireNotices(linked, limits),
    noteOverdue(linked, limits),
    releasePauses(linked, limits),
    releasePolicyHolds(linked, limits),
    routeAdmitted(linked, limits),
    ...(ports.log === null ? [] : [republishQueued(linked, limits), tellUnheard(linked, limits)]),
    resolveDoubts(linked, desk, limits),
    replayFailed(linked, limits),
    relay("relay-letters", { outbox: ports.letters, tell: ports.tell }, limits.pageCount),
    ...(ports.results === null ? [] : [relay("relay-results", ports.results, limits.pageCount)]),
    ...(ports.poison === null ? [] : [relay("relay-poison", ports.poison, POISON_AT_ONCE)]),
  ];
  const loops = duties.map((duty) => new DutyLoop(duty, { system, limits, events }));
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
    health: () => ({
      duties: loops.map((loop) => loop.health()),
      doubts: { underWay: desk.book.underWay, waiting: desk.book.waiting, owed: desk.book.owed },
    }),
    onEvent: (listener) => events.on(listener),
  };
};
