/**
 * From every state a way to an end, by usual steps alone: a final status, or what `docs/guarantees.md` names as an
 * operator's (a hold that only a person lifts; a doubt that nothing automatic can resolve any more). A doubt that still
 * can be resolved must have a way to a final status: to wait until it cannot is no way.
 */
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { isFinal } from "../../src/domain/notice.ts";
import { TICK_MS, type Bounds } from "./bounds.ts";
import type { Broken } from "./invariants.ts";
import type { Numbers } from "./state-set.ts";
import { NOW } from "./views.ts";

interface Seen {
  readonly view: NoticeView;
  readonly bounds: Bounds;
}

const offset = (at: number): number => (at - NOW) / TICK_MS;

/** Whether automation may yet resolve this doubt, judged by time alone and not by the table's code. */
const isResolvable = ({ view, bounds }: Seen): boolean => {
  const attempt = view.attempts.find(({ state }) => state === "in_doubt");
  if (attempt === undefined || bounds.delta === null || bounds.providerClass === "C") return false;
  const soonest = Math.max(0, offset(attempt.sendBy) + bounds.delta + 1);
  const memoryEnds = offset(attempt.intentAt) + bounds.memory;
  if (bounds.providerClass === "B") return soonest < memoryEnds;
  const sendBy = soonest + bounds.sendWindow;
  const farAway = bounds.sendWindow + 1;
  const end = offset(view.notice.expiresAt);
  return (
    sendBy + bounds.delta < memoryEnds && attempt.copies < bounds.copies && (end >= farAway || sendBy < end)
  );
};

const isOver = ({ view: { notice } }: Seen): boolean =>
  isFinal(notice.status) ||
  notice.holdReason === "contradiction" ||
  (notice.status === "ready" && notice.holdReason !== null && notice.holdReason !== "paused");

const isOwed = (seen: Seen): boolean => seen.view.notice.status === "in_doubt" && !isResolvable(seen);

/** Marks whatever leads to a marked state; `edges` holds pairs of from and to. */
const backwards = (count: number, edges: Numbers, marked: Uint8Array): void => {
  const starts = new Int32Array(count + 1);
  for (let i = 1; i < edges.length; i += 2) starts[edges.at(i)] = (starts[edges.at(i)] ?? 0) + 1;
  for (let i = 0, sum = 0; i <= count; i += 1) {
    const size = starts[i] ?? 0;
    starts[i] = sum;
    sum += size;
  }
  const ends = starts.slice();
  const froms = new Int32Array(edges.length / 2);
  for (let i = 0; i < edges.length; i += 2) {
    const to = edges.at(i + 1);
    froms[ends[to] ?? 0] = edges.at(i);
    ends[to] = (ends[to] ?? 0) + 1;
  }
  const open: number[] = [];
  marked.forEach((yes, state) => {
    if (yes === 1) open.push(state);
  });
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (let i = starts[state] ?? 0; i < (ends[state] ?? 0); i += 1) {
      const from = froms[i] ?? 0;
      if (marked[from] === 1) continue;
      marked[from] = 1;
      open.push(from);
    }
  }
};

export const stuckState = (
  count: number,
  edges: Numbers,
  look: (state: number) => Seen,
): { readonly state: number; readonly broken: Broken } | null => {
  const over = new Uint8Array(count);
  const ended = new Uint8Array(count);
  const resolvable = new Uint8Array(count);
  for (let state = 0; state < count; state += 1) {
    const seen = look(state);
    over[state] = isOver(seen) ? 1 : 0;
    ended[state] = isOver(seen) || isOwed(seen) ? 1 : 0;
    resolvable[state] = seen.view.notice.status === "in_doubt" && !isOwed(seen) ? 1 : 0;
  }
  backwards(count, edges, over);
  backwards(count, edges, ended);
  for (let state = 0; state < count; state += 1) {
    const seen = `no way on from ${look(state).view.notice.status}`;
    if (ended[state] === 0) return { state, broken: { invariant: "liveness", seen } };
    if (resolvable[state] === 1 && over[state] === 0) {
      return {
        state,
        broken: { invariant: "liveness", seen: "a doubt that could be resolved has no way to an end" },
      };
    }
  }
  return null;
};
