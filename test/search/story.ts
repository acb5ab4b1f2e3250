/**
 * A counter-example as a person reads it: one line a step, with the actor, the command, the verdict, what changed.
 */
import { isLive } from "../../src/domain/attempt.ts";
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { TICK_MS, type Bounds } from "./bounds.ts";
import type { Answer, Ledger } from "./ledger.ts";
import type { Found } from "./search.ts";
import type { Actor } from "./steps.ts";
import { NOW } from "./views.ts";
import { SLOTS, VIEW, word } from "./world.ts";

const whoIs = (actor: Actor, bounds: Bounds): string => {
  if (typeof actor !== "number") return actor;
  const place = actor - SLOTS;
  return place < bounds.workers ? `worker ${place + 1}` : `upkeep ${place - bounds.workers + 1}`;
};

const inWords = ({ notice, attempts }: NoticeView): string => {
  const live = attempts.find(({ state, generation }) => generation === notice.generation && isLive(state));
  const parts: string[] = [notice.status];
  if (notice.channel !== null) parts.push(`${notice.channel} ${notice.attemptNo}`);
  if (notice.generation > 1) parts.push(`generation ${notice.generation}`);
  if (notice.holdReason !== null) parts.push(`held: ${notice.holdReason}`);
  if (notice.cancelRequested) parts.push("cancel requested");
  if (live !== undefined && live.state !== "accepted") {
    const sendBy = (live.sendBy - NOW) / TICK_MS;
    parts.push(
      `${live.attemptId.replace("attempt-", "attempt ")} ${live.state}, copies ${live.copies}, send_by ${sendBy < 0 ? `${-sendBy} ago` : `in ${sendBy}`}`,
    );
  }
  return parts.join(", ");
};

const answerInWords = ({ ask, verdict, because }: Answer, lost: boolean): string => {
  const { command } = ask;
  const details: string[] = [];
  if ("epoch" in command && command.epoch !== 10) details.push("old epoch");
  if (command.type === "resolve") details.push(`${command.evidence.by}, copies ${command.evidence.copies}`);
  if (command.type === "resend") details.push(`copies seen ${command.copies}`);
  if (ask.shut !== null) details.push(`while ${ask.shut}`);
  const asked = `${ask.transition} ${command.type}${details.length === 0 ? "" : ` (${details.join("; ")})`}`;
  const why = because === null || verdict === "won" ? "" : ` (${because})`;
  return `${asked} → ${verdict}${why}${lost ? ", the answer is lost" : ""}`;
};

/** The numbers of slots are places: a folded state may have swapped two workers that are alike. */
export const storyOf = ({ broken, story }: Found, ledger: Ledger): string => {
  const lines: string[] = [];
  let view = -1;
  for (const { step, state } of story) {
    const now = word(state, VIEW);
    const what = typeof step.what === "string" ? step.what : answerInWords(step.what, step.lost);
    const changed = now === view || step.actor === "time" ? "" : `   [${inWords(ledger.views.view(now))}]`;
    lines.push(
      `${String(lines.length + 1).padStart(3)}. ${whoIs(step.actor, ledger.bounds)}: ${what}${changed}`,
    );
    view = now;
  }
  return `${lines.join("\n")}\n     ${broken.invariant} broken: ${broken.seen}`;
};
