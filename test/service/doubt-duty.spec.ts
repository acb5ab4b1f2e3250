import { describe, expect, it } from "vitest";
import type { Attempt, ProviderTerms } from "../../src/domain/attempt.ts";
import { instant } from "../../src/domain/ids.ts";
import { doubtDuty } from "../../src/service/doubt-duty.ts";
import { viewIn } from "../domain/lifecycle/samples.ts";

const [attempt] = viewIn("in_doubt").attempts as [Attempt, ...Attempt[]];
const HOUR = 3_600_000;
const DELTA_MS = 5_000;

const duty = (terms: ProviderTerms | null, afterMs: number, holdReason: "contradiction" | null = null) =>
  doubtDuty({ attempt, holdReason }, terms, instant(attempt.intentAt + afterMs));

describe("who ends a doubt", () => {
  it("is the reconciler while a repeat is recognised, and an operator after that", () => {
    const a: ProviderTerms = { class: "A", windowMs: HOUR, deltaMs: DELTA_MS };
    expect(duty(a, 0)).toMatchObject({ owedBy: "reconciler" });
    expect(duty(a, HOUR - DELTA_MS - 1)).toMatchObject({ owedBy: "reconciler" });
    expect(duty(a, HOUR - DELTA_MS)).toMatchObject({ owedBy: "operator" });
  });

  it("is the reconciler while the provider can be asked, and an operator after that", () => {
    const b: ProviderTerms = { class: "B", findableMs: HOUR, deltaMs: DELTA_MS };
    expect(duty(b, HOUR - 1)).toMatchObject({ owedBy: "reconciler" });
    expect(duty(b, HOUR)).toMatchObject({ owedBy: "operator" });
    expect(duty({ ...b, findableMs: 1 }, 0), "forgotten before it may be asked").toMatchObject({
      owedBy: "operator",
    });
  });

  it("is an operator at class C, with Δ = never, after a contradiction, and where nobody knows the provider", () => {
    expect(duty({ class: "C", deltaMs: DELTA_MS }, 0).because).toContain("neither recognises a repeat");
    expect(duty({ class: "B", findableMs: HOUR, deltaMs: "never" }, 0).because).toContain("Δ is never");
    expect(duty({ class: "B", findableMs: HOUR, deltaMs: 0 }, 0, "contradiction").because).toContain(
      "contradicted",
    );
    expect(duty(null, 0).because).toContain(`the provider ${attempt.provider} is not in the configuration`);
  });

  it("counts an operator's evidence from when no copy can be accepted any more", () => {
    expect(duty({ class: "C", deltaMs: DELTA_MS }, 0).evidenceFrom).toBe(attempt.sendBy + DELTA_MS + 1);
    expect(duty({ class: "C", deltaMs: "never" }, 0).evidenceFrom).toBe(attempt.sendBy + 1);
  });
});
