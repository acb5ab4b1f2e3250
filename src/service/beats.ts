/**
 * A process says every few seconds that it is at work, and takes its leave at the end. A member has one role: a process of two is
 * two of them.
 */
import { hostname } from "node:os";
import { Effect } from "effect";
import { workerId } from "../domain/ids.ts";
import { BEAT_EVERY_MS, type Role } from "../domain/ports/members.ts";
import { ROLES, type Role as ServedRole } from "./config/sections.ts";
import { every } from "./every.ts";
import type { Wiring } from "./wiring.ts";

export interface Beats {
  readonly leave: () => Promise<void>;
}

export const startBeats = (
  { worker, members, system }: Pick<Wiring, "worker" | "members" | "system">,
  roles: readonly ServedRole[],
  trouble: () => string | null,
): Beats => {
  const said: readonly Role[] = roles.length === ROLES.length ? ["all"] : roles;
  const memberOf = (role: Role) => workerId(`${worker}:${role}`);
  const stop = every(system.clock, BEAT_EVERY_MS, () => {
    // a beat that fails is made up for by the next one
    for (const role of said)
      Effect.runFork(
        members.beat({
          workerId: memberOf(role),
          role,
          host: hostname(),
          pid: process.pid,
          trouble: trouble(),
        }),
      );
  });
  return {
    leave: async () => {
      stop();
      for (const role of said) await Effect.runPromiseExit(members.leave(memberOf(role)));
    },
  };
};
