/**
 * Whether this process can do its work, and what is wrong around it.
 */
import { Effect } from "effect";
import { type Members, rolesMissing } from "../domain/ports/members.ts";
import type { Failure } from "../failure.ts";
import type { DutyHealth } from "../streams/upkeep/duty-loop.ts";
import type { Readiness } from "./control/control-ports.ts";
import { failingDuties } from "./hold-ups.ts";
import type { Wiring } from "./wiring.ts";

export const WARNINGS = {
  dispatch: "nobody runs dispatch: due candidates wait (millrace serve --role dispatch)",
  deliver: "nobody runs deliver: queued notices wait (millrace serve --role deliver)",
  upkeep:
    "nobody runs upkeep: what a killed process had in hand, and every doubt, waits (millrace serve --role upkeep)",
} as const;

export const warningsOf = (members: Pick<Members, "alive">): Effect.Effect<readonly string[], Failure> =>
  Effect.map(members.alive(), (alive) => rolesMissing(alive).map((role) => WARNINGS[role]));

export interface AtWork {
  readonly isDraining: () => boolean;
  readonly duties: () => readonly DutyHealth[];
}

export const readinessOf = (
  {
    ledger,
    members,
    gates,
    policies,
    kafka,
  }: Pick<Wiring, "ledger" | "members" | "gates" | "policies" | "kafka">,
  { isDraining, duties }: AtWork,
): Effect.Effect<Readiness, Failure> =>
  Effect.gen(function* () {
    const asked = yield* Effect.result(ledger.now);
    const isThere = asked._tag === "Success";
    const paused = [...gates].filter(([, gate]) => gate.state === "paused");
    const warnings = isThere ? yield* warningsOf(members) : [];
    return {
      checks: [
        { name: "database", ok: isThere, reason: isThere ? null : asked.failure.message },
        // looked at before this process began, and a newer one refuses to migrate under it
        { name: "schema", ok: true, reason: null },
        kafka === null
          ? { name: "log", ok: isThere, reason: "the ledger itself is the log" }
          : { name: "log", ok: kafka.watch.trouble === null, reason: kafka.watch.trouble ?? "Kafka" },
        {
          name: "policy",
          ok: policies.active() !== null,
          reason: policies.active() === null ? 'none is active: run "millrace policy activate FILE"' : null,
        },
        {
          // a provider that is down is a pause, not a reason to send the traffic elsewhere
          name: "providers",
          ok: true,
          reason: paused.length === 0 ? null : paused.map(([, { waiting }]) => waiting ?? "").join("; "),
        },
        // the other duties go on, and another process may do this one
        { name: "upkeep", ok: true, reason: failingDuties(duties()).join("; ") || null },
        { name: "draining", ok: !isDraining(), reason: isDraining() ? "this process is ending" : null },
      ],
      warnings,
    };
  });
