/**
 * Which rights to send were out when their process was killed, read from the ledger right after each kill; and what became
 * of them. Nothing but these may ever be in doubt where the gateway answers everybody.
 *
 * Read after the kill and not before it: the server still carries out what it had read from the connection, a COMMIT for one.
 * So it is read until the server has nothing of that process under way and two looks, one after the other, find the same. Of a
 * process that is frozen it ends an open transaction after `database.idleInTransactionMs`. Upkeep calls a send overdue seconds
 * later at the earliest.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Place } from "./place.ts";

const BETWEEN_LOOKS_MS = 100;

export interface Fates {
  /** Attempts that were `intent` at a kill of their process. */
  readonly atKills: number;
  /** Attempts that were in doubt at any time. */
  readonly doubts: number;
  /** In doubt, although their process was not killed: each by its id and what became of it. */
  readonly strangers: readonly string[];
  /** `intent` at a kill, and neither in doubt afterwards nor known to be accepted: somebody took them over. */
  readonly forgotten: readonly string[];
  /** How the doubts stand, by the attempt's state. */
  readonly byState: Readonly<Record<string, number>>;
}

export class SendsAtKills {
  readonly #place: Place;
  readonly #atKills = new Set<string>();
  readonly #excused = new Set<string>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** How many rights to send the killed, or frozen, process had out: each of them is to be in doubt. */
  async note(pid: number): Promise<number> {
    const ids = await this.#standing(pid);
    for (const id of ids) this.#atKills.add(id);
    return ids.length;
  }

  /** Those of a process that was frozen and goes on at once: they may be in doubt, or not. */
  async excuse(pid: number): Promise<void> {
    for (const id of await this.#standing(pid)) this.#excused.add(id);
  }

  /** Its rights to send that are out, once that changes no more. */
  async #standing(pid: number): Promise<readonly string[]> {
    let before = "nobody has looked";
    for (;;) {
      const isOver = await this.hasServed(pid);
      // a worker's name is its host, its process id and something by chance
      const found = await this.#place.query<{ attempt_id: string }>(
        `SELECT a.attempt_id FROM millrace.attempt a JOIN millrace.notice n USING (period, notice_id)
         WHERE a.state = 'intent' AND n.status = 'sending' AND split_part(n.owner, ':', 2) = '${pid}'
         ORDER BY a.attempt_id`,
      );
      const ids = found.map(({ attempt_id }) => attempt_id);
      if (isOver && ids.join() === before) return ids;
      before = ids.join();
      await wait(BETWEEN_LOOKS_MS);
    }
  }

  /** The server carries out nothing of that process any more, and waits for none of its COMMITs. */
  async hasServed(pid: number): Promise<boolean> {
    const busy = await this.#place.query(
      `SELECT FROM pg_stat_activity
       WHERE application_name ~ '^millrace .* ${pid}( |$)' AND state IN ('active', 'idle in transaction') LIMIT 1`,
    );
    return busy.length === 0;
  }

  async fates(): Promise<Fates> {
    const rows = await this.#place.query<{ attempt_id: string }>(
      "SELECT DISTINCT attempt_id FROM millrace.history WHERE to_status = 'in_doubt'",
    );
    const states = await this.#place.query<{ attempt_id: string; state: string }>(
      "SELECT attempt_id, state::text FROM millrace.attempt",
    );
    const doubted = new Set(rows.map(({ attempt_id }) => attempt_id));
    const stateOf = new Map(states.map(({ attempt_id, state }) => [attempt_id, state]));
    const byState: Record<string, number> = {};
    for (const id of doubted) {
      const state = stateOf.get(id) ?? "gone";
      byState[state] = (byState[state] ?? 0) + 1;
    }
    return {
      atKills: this.#atKills.size,
      doubts: doubted.size,
      strangers: await this.#stories(
        [...doubted].filter((id) => !this.#atKills.has(id) && !this.#excused.has(id)),
      ),
      forgotten: [...this.#atKills].filter((id) => !doubted.has(id)),
      byState,
    };
  }

  /** Of each what was done to it, by whom. */
  async #stories(attemptIds: readonly string[]): Promise<readonly string[]> {
    if (attemptIds.length === 0) return [];
    const told = await this.#place.query<{ story: string }>(
      `SELECT attempt_id || ': ' || string_agg(
         transition || ' at ' || at || ' by ' || actor || coalesce(' (' || because || ')', ''), ', ' ORDER BY seq) AS story
       FROM millrace.history WHERE attempt_id IN (${attemptIds.map((id) => `'${id}'`).join(", ")})
       GROUP BY attempt_id ORDER BY attempt_id`,
    );
    return told.map(({ story }) => story);
  }
}
