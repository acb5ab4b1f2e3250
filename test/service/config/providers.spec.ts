import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelId } from "../../../src/domain/ids.ts";
import {
  PROVIDER_SETTINGS,
  providerContradictions,
  providerFrom,
  providerInForce,
  type ProviderWritten,
} from "../../../src/service/config/providers.ts";

const defaults = Object.fromEntries(
  Object.entries(PROVIDER_SETTINGS).map(([name, setting]) => [name, setting.default]),
) as unknown as ProviderWritten;
const email = channelId("email");
const gateway: ProviderWritten = { ...defaults, kind: "http-gateway", url: "https://gateway.example" };

const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const anyWritten = fc.record({
  kind: fc.constantFrom("simulated", "http-gateway"),
  class: orNull(fc.constantFrom("A", "B", "C")),
  deltaMs: orNull(fc.oneof(fc.nat(), fc.constant("never"))),
  windowMs: orNull(fc.nat()),
  findableMs: orNull(fc.nat()),
  url: orNull(fc.constant("https://gateway.example")),
}) as fc.Arbitrary<Partial<ProviderWritten>>;

describe("a provider", () => {
  it("that is real promises nothing that nobody wrote, since a wrong promise sends twice", () => {
    expect(providerFrom(email, gateway).terms).toEqual({ class: "C", deltaMs: "never" });
    fc.assert(
      fc.property(anyWritten, (some) => {
        const written: ProviderWritten = { ...gateway, ...some, kind: "http-gateway" };
        if (providerContradictions(written, () => false).length > 0) return;
        const { terms } = providerFrom(email, written);
        expect(terms.class).toBe(written.class ?? "C");
        expect(terms.deltaMs).toBe(written.deltaMs ?? "never");
        if (terms.class === "A") expect(terms.windowMs).toBe(written.windowMs);
        if (terms.class === "B") expect(terms.findableMs).toBe(written.findableMs);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never is made where a contradiction was found, and always where none was", () => {
    fc.assert(
      fc.property(anyWritten, (some) => {
        const written: ProviderWritten = { ...defaults, ...some };
        const isFine = providerContradictions(written, () => false).length === 0;
        if (isFine) expect(providerFrom(email, written).kind).toBe(written.kind);
        else if (written.url === null) expect(() => providerFrom(email, written)).toThrow("has no address");
      }),
      { numRuns: 1_000 },
    );
  });

  it("shows as it holds: what its class fills in, and nothing of the other kind", () => {
    expect(providerInForce(providerFrom(email, defaults))).toMatchObject({
      class: "B",
      findableMs: 86_400_000,
    });
    const shown = providerInForce(providerFrom(email, gateway));
    expect(shown).toMatchObject({ class: "C", deltaMs: "never", lookUpUrl: "https://gateway.example" });
    expect(shown).not.toHaveProperty("latencyMs");
  });
});
