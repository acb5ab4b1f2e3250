/**
 * A provider's journal in memory: it reads as the specification. It is lost with the process, so a doubt that a crash
 * leaves behind is not resolved by it; simulations and tests have no crash.
 */
import { Effect } from "effect";
import type { AttemptId } from "../../domain/ids.ts";
import type {
  Acceptance,
  Arrival,
  ArrivingRequest,
  DoubleAcceptance,
  Judgement,
  ProviderJournal,
} from "../../domain/ports/provider-journal.ts";
import type { Clock } from "../../streams/runtime/system-ports.ts";

interface Recorded {
  readonly request: ArrivingRequest;
  readonly copy: number;
  readonly judgement: Judgement;
  readonly providerMessageId: string;
}

const acceptanceOf = ({ request, providerMessageId }: Recorded): Acceptance => ({
  attemptId: request.attemptId,
  reference: request.reference,
  channel: request.channel,
  acceptedAt: request.arrivedAt,
  providerMessageId,
});

const isAcceptance = ({ judgement }: Recorded): boolean => judgement === "accepted";

/** A journal for one process, empty at first. */
export const memoryProviderJournal = (clock: Pick<Clock, "wallMs">): ProviderJournal => {
  const byAttempt = new Map<AttemptId, Recorded[]>();
  const byReference = new Map<string, Recorded[]>();

  const record = (request: ArrivingRequest, copy: number, judgement: Judgement): Arrival => {
    const providerMessageId = copy === 1 ? request.providerMessageId : `${request.providerMessageId}-${copy}`;
    const recorded: Recorded = { request, copy, judgement, providerMessageId };
    byAttempt.set(request.attemptId, [...(byAttempt.get(request.attemptId) ?? []), recorded]);
    byReference.set(request.reference, [...(byReference.get(request.reference) ?? []), recorded]);
    return { kind: "recorded", judgement, providerMessageId };
  };

  const arrive = (request: ArrivingRequest): Arrival => {
    const before = byAttempt.get(request.attemptId) ?? [];
    const [first] = before;
    const last = before.at(-1);
    if (first !== undefined && last !== undefined) {
      const isRemembered = request.arrivedAt - first.request.arrivedAt < request.remembersMs;
      if (isRemembered && last.judgement !== "dropped") {
        return { kind: "remembered", judgement: last.judgement, providerMessageId: last.providerMessageId };
      }
    }
    if (clock.wallMs() > request.acceptUntil) return { kind: "too-late" };
    const isDroppedAgain = before.length > 0 && request.judgement === "dropped";
    return record(request, before.length + 1, isDroppedAgain ? "accepted" : request.judgement);
  };

  const accepted = (reference: string): readonly Recorded[] =>
    (byReference.get(reference) ?? []).filter(isAcceptance);

  return {
    arrived: (batch) => Effect.sync(() => batch.map(arrive)),

    lookUp: (attemptId) =>
      Effect.sync(() => {
        const first = byAttempt.get(attemptId)?.find(isAcceptance);
        return first === undefined ? null : acceptanceOf(first);
      }),

    acceptedMoreThanOnce: (limit) =>
      Effect.sync(() =>
        [...byReference.keys()]
          .map((reference): DoubleAcceptance => ({ reference, times: accepted(reference).length }))
          .filter(({ times }) => times > 1)
          .sort((one, other) => (one.reference < other.reference ? -1 : 1))
          .slice(0, limit),
      ),

    accepted: (references) => Effect.sync(() => [...new Set(references)].flatMap(accepted).map(acceptanceOf)),

    acceptances: (limit, after) =>
      Effect.sync(() => {
        const all = [...byAttempt.values()].flat().filter(isAcceptance);
        const isAtCursor = ({ request, copy }: Recorded): boolean =>
          request.attemptId === after?.attemptId && copy === after.copy;
        const from = after === null ? 0 : all.findIndex(isAtCursor) + 1;
        const page = all.slice(from, from + limit);
        const last = page.at(-1);
        const isEnd = last === undefined || from + page.length === all.length;
        return {
          acceptances: page.map(acceptanceOf),
          next: isEnd ? null : { attemptId: last.request.attemptId, copy: last.copy },
        };
      }),
  };
};
