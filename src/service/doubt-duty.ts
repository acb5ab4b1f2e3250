/**
 * Who ends a doubt, and when: the reconciler, as its provider's class allows, or an operator, and from when on an operator's
 * evidence counts.
 */
import type { Instant } from "../domain/ids.ts";
import { instant } from "../domain/ids.ts";
import { isoInstant } from "../domain/iso-instant.ts";
import type { ListedDoubt } from "../domain/ports/ledger-reports.ts";
import type { ProviderTerms } from "../domain/attempt.ts";

export interface DoubtDuty {
  readonly owedBy: "reconciler" | "operator";
  readonly because: string;
  /** An operator's "it was not accepted" is refused before; an acceptance counts at any time. */
  readonly evidenceFrom: Instant;
}

/** @param terms of the attempt's provider; empty where the configuration here has none of its name */
export const doubtDuty = (
  { attempt, holdReason }: Pick<ListedDoubt, "attempt" | "holdReason">,
  terms: ProviderTerms | null,
  now: Instant,
): DoubtDuty => {
  const deltaMs = terms === null || terms.deltaMs === "never" ? 0 : terms.deltaMs;
  const evidenceFrom = instant(attempt.sendBy + deltaMs + 1);
  const operator = (because: string): DoubtDuty => ({ owedBy: "operator", because, evidenceFrom });
  const reconciler = (because: string): DoubtDuty => ({ owedBy: "reconciler", because, evidenceFrom });
  if (terms === null)
    return operator(
      `the provider ${attempt.provider} is not in the configuration here: nobody knows its class`,
    );
  if (holdReason === "contradiction") return operator("its provider has contradicted itself");
  if (terms.deltaMs === "never") return operator("the provider's Δ is never: time says nothing about a copy");
  switch (terms.class) {
    case "A": {
      const until = instant(attempt.intentAt + terms.windowMs - deltaMs);
      return Math.max(now, evidenceFrom) < until
        ? reconciler(`a repeat is recognised until ${isoInstant(until)}`)
        : operator(`the provider may not recognise a repeat any more, since ${isoInstant(until)}`);
    }
    case "B": {
      const until = instant(attempt.intentAt + terms.findableMs);
      return Math.max(now, evidenceFrom) < until
        ? reconciler(`the provider can be asked until ${isoInstant(until)}`)
        : operator(`the provider may have forgotten what it accepted, since ${isoInstant(until)}`);
    }
    case "C":
      return operator("the provider neither recognises a repeat nor can be asked");
  }
};
