/**
 * What a provider promises, as columns: empty is what its class does not promise, and a Δ of "never".
 */
import type { ProviderTerms } from "../../../domain/attempt.ts";
import type { Given } from "./given.ts";

interface OnTerms {
  readonly terms: ProviderTerms;
}

export const providerTerms: readonly Given<OnTerms>[] = [
  { name: "c_class", type: "text", of: ({ terms }) => terms.class },
  {
    name: "c_delta_ms",
    type: "double precision",
    of: ({ terms }) => (terms.deltaMs === "never" ? null : terms.deltaMs),
  },
  {
    name: "c_window_ms",
    type: "double precision",
    of: ({ terms }) => (terms.class === "A" ? terms.windowMs : null),
  },
  {
    name: "c_findable_ms",
    type: "double precision",
    of: ({ terms }) => (terms.class === "B" ? terms.findableMs : null),
  },
];
