/**
 * The settlement of a notice that left the journey before its right to send was used: nothing irreversible has happened, so it goes
 * to its next channel where this one can never serve it (T5f), and else is given back for a while (T5), at no cost.
 */
import { type Bug, disposeOf } from "../../domain/disposition.ts";
import { MAX_ASKED_DELAY_MS } from "../../domain/fall-back.ts";
import type { Failure } from "../../failure.ts";
import type { Claimed, Settlement } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";
import { about, nextStep, storable } from "./settling.ts";

/**
 * Before a claimed notice that could not be prepared is taken up again; up to twice as long, so that those which were given back
 * together do not come back together.
 */
const RELEASE_MS = 5_000;

/** A wait in whole milliseconds, as the ledger takes it; whatever asks for longer, or for no time at all, is not believed. */
const releaseMs = ({ system }: SendPorts, askedMs: number): number => {
  const leastMs = RELEASE_MS * (1 + system.random());
  return Math.ceil(askedMs > leastMs ? Math.min(askedMs, MAX_ASKED_DELAY_MS) : leastMs);
};

/** What was only being prepared, or had no right to send yet. */
export const afterPreparing = (
  ports: SendPorts,
  claimed: Claimed,
  failure: Failure | Bug,
  said: string,
): Settlement => {
  const reason = storable(said);
  const { epoch } = claimed.notice;
  const disposition = disposeOf(failure, "claimed", 0);
  switch (disposition.kind) {
    case "next-channel": {
      const next = nextStep(ports, claimed, disposition.end, null);
      const republishInMs = ports.limits.republishMs;
      const command = {
        type: "unpreparable",
        ...about(ports, claimed),
        epoch,
        next,
        reason,
        republishInMs,
      } as const;
      return { command, why: reason };
    }
    case "step-back": {
      // a wall clock's time becomes a delay: it is never compared with a time of the ledger
      const dueInMs = releaseMs(ports, disposition.untilMs - ports.system.clock.wallMs());
      return { command: { type: "release", ...about(ports, claimed), epoch, dueInMs }, why: reason };
    }
    case "release": {
      const dueInMs = releaseMs(ports, disposition.askedDelayMs);
      return { command: { type: "release", ...about(ports, claimed), epoch, dueInMs }, why: reason };
    }
    case "retry-in-place":
    case "next-attempt":
    case "doubt":
    case "dead-letter":
      throw new Error(`a claimed notice cannot be settled as ${disposition.kind}`);
  }
};

/**
 * The answer was lost on the way: whether the right is ours nobody knows, and nothing leaves. Given back by our own epoch the notice
 * is free at once where the right was not committed, and one that is still on its way finds another epoch; where it was, the
 * ledger says so to the release, and upkeep finds the row overdue.
 */
export const afterLostRight = (ports: SendPorts, claimed: Claimed, reason: string): Settlement => ({
  command: {
    type: "release",
    ...about(ports, claimed),
    epoch: claimed.notice.epoch,
    dueInMs: releaseMs(ports, 0),
  },
  why: storable(reason),
});
