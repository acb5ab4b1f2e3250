/**
 * The CPU of all of a Postgres server's processes, from the machine's own accounts (Linux).
 */
import { readFileSync, readdirSync } from "node:fs";

const TICK_US = 10_000;
/** Where a process's `stat` line, after its name, has the parent and the times in user and system mode. */
const [PARENT, USER, SYSTEM] = [1, 11, 12] as const;

const statOf = (pid: string): readonly number[] => {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  return fields.split(" ").map(Number);
};

/** Of the processes that are there now: whoever measures keeps the connections open. */
export const postgresCpuUs = (postmaster: number): number => {
  let total = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const stat = statOf(pid);
      if (stat[PARENT] === postmaster) total += ((stat[USER] ?? 0) + (stat[SYSTEM] ?? 0)) * TICK_US;
    } catch {
      // it ended while we looked
    }
  }
  return total;
};
