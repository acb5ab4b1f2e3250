/**
 * What can be done about a doubt now, by its provider's class: a look-up, a copy more, waiting until one of them may be done, or
 * nothing. It only proposes: T11r and T12 compare the same times with the ledger's clock in the statement that decides. A clock that was
 * set forward would satisfy them at once, so that time must have been lived through here as well (`lived-time.ts`).
 *
 *   B   ──intent──│ wait │──send_by + Δ──│ look up │──intent + R──│ owed
 *   A   ──intent──│ wait │──send_by + Δ──│ resend  │──intent + W − Δ − send window──│ owed
 *   C, or Δ = never: owed
 */
import type { Attempt, ProviderTerms } from "../../domain/attempt.ts";
import { instant, type Instant } from "../../domain/ids.ts";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import type { UpkeepProvider } from "./upkeep-ports.ts";

export type DoubtPlan =
  | { readonly kind: "look-up" }
  | { readonly kind: "resend" }
  | { readonly kind: "wait"; readonly until: Instant }
  /** Only an operator can end it. */
  | { readonly kind: "owed"; readonly because: string };

type Asked = Pick<DoubtfulNotice, "notice" | "attempt">;

const owed = (because: string): DoubtPlan => ({ kind: "owed", because });

/** How long this process has known the ledger's clock to be at that time or beyond it. */
export type LivedSince = (at: Instant) => number;

/** In which every copy of a right to send has left and been accepted, or never will be; empty where no time says that. */
export const settlingMs = ({ sender }: Pick<UpkeepProvider, "sender">): number | null =>
  sender.terms.deltaMs === "never" ? null : sender.limits.sendWindowMs + sender.terms.deltaMs;

/** @param provider of the notice's channel; empty where this process has none */
export const planFor = (
  doubt: Asked,
  provider: Pick<UpkeepProvider, "sender"> | undefined,
  now: Instant,
  livedSince: LivedSince,
): DoubtPlan => {
  const { attempt } = doubt;
  if (provider === undefined || provider.sender.provider !== attempt.provider)
    return owed(`its provider ${attempt.provider} is not at hand in this process`);
  const { terms, limits } = provider.sender;
  const settling = settlingMs(provider);
  if (terms.deltaMs === "never" || settling === null)
    return owed("the provider's Δ is never: time says nothing about a copy");
  const wonAt = instant(attempt.sendBy - limits.sendWindowMs);
  const settledBy = Math.max(attempt.sendBy + terms.deltaMs, Math.ceil(now + settling - livedSince(wonAt)));
  const plan = planByClass(doubt, provider, terms, settledBy, now);
  return plan.kind === "owed" || settledBy < now ? plan : { kind: "wait", until: instant(settledBy + 1) };
};

const planByClass = (
  doubt: Asked,
  { sender }: Pick<UpkeepProvider, "sender">,
  terms: ProviderTerms,
  settledBy: number,
  now: Instant,
): DoubtPlan => {
  const { attempt } = doubt;
  /** The first moment at which it might be helped. */
  const soonest = Math.max(now, settledBy + 1);
  switch (terms.class) {
    case "B":
      if (sender.lookUp === null) return owed("the provider cannot be asked");
      return soonest < attempt.intentAt + terms.findableMs
        ? { kind: "look-up" }
        : owed("the provider may have forgotten what it accepted");
    case "A":
      return planResend(doubt, sender.limits.sendWindowMs, soonest, lastSendBy(attempt, terms));
    case "C":
      return owed("the provider neither recognises a repeat nor can be asked");
  }
};

/** Before this a copy must have been settled, or the provider might accept it a second time. */
const lastSendBy = (
  attempt: Attempt,
  { windowMs, deltaMs }: ProviderTerms & { readonly class: "A" },
): number => attempt.intentAt + windowMs - (deltaMs === "never" ? Infinity : deltaMs);

const planResend = (
  { notice }: Asked,
  sendWindowMs: number,
  soonest: number,
  lastSendByMs: number,
): DoubtPlan => {
  if (notice.holdReason === "contradiction") return owed("the provider has contradicted itself");
  if (soonest + sendWindowMs >= notice.expiresAt) return owed("a copy would leave after the notice's time");
  return soonest + sendWindowMs < lastSendByMs
    ? { kind: "resend" }
    : owed("the provider may not recognise a repeat any more");
};
