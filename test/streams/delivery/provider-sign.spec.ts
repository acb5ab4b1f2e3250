/** What an outcome says of the provider, apart from the notice. */
import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import { signOf, type ProviderSign } from "../../../src/streams/delivery/provider-sign.ts";

const words = "its words";

describe("what an outcome says of the provider", () => {
  it.each<[SendOutcome, Partial<ProviderSign> | null]>([
    [{ kind: "accepted", providerMessageId: "id", words }, { trouble: null }],
    [{ kind: "rejected", forGood: true, words }, { trouble: null }],
    [{ kind: "not-handed-over", trouble: null, words }, null],
    [
      { kind: "not-handed-over", trouble: "down", words },
      { trouble: "down", pausesAtOnce: false },
    ],
    [
      { kind: "not-handed-over", trouble: "address", words },
      { trouble: "address", pausesAtOnce: true, mustBeMended: true },
    ],
    [
      { kind: "unknown", words },
      { trouble: "outcome-unknown", pausesAtOnce: false, words },
    ],
    [
      { kind: "not-accepted", trouble: "busy", retryAfterMs: 7_000, words },
      { trouble: "busy", pausesAtOnce: true, mustBeMended: false, askedMs: 7_000 },
    ],
    [
      { kind: "not-accepted", trouble: "credentials", retryAfterMs: null, words },
      { trouble: "credentials", pausesAtOnce: true, mustBeMended: true, askedMs: 0 },
    ],
  ])("%o", (outcome, sign) => {
    if (sign === null) expect(signOf(outcome)).toBeNull();
    else expect(signOf(outcome)).toMatchObject(sign);
  });
});
