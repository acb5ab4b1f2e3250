import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookUpOf, outcomeOf, type GatewayAnswer } from "../../../src/adapters/providers/gateway-answer.ts";

const answer = (status: number, body: unknown = "", retryAfter?: string): GatewayAnswer => ({
  status,
  retryAfter,
  body: typeof body === "string" || body === null ? body : JSON.stringify(body),
  tookMs: 80.4,
});
const SAID = { accepted: false };

describe("an answer of a gateway", () => {
  it.each([
    [
      answer(200, { id: "m-1" }),
      { kind: "accepted", providerMessageId: "m-1", words: "200 after 80 ms: accepted" },
    ],
    [answer(202, { id: 7 }), { kind: "accepted", providerMessageId: "7" }],
    [answer(200, {}), { kind: "unknown" }],
    [answer(200, { id: "" }), { kind: "unknown" }],
    [answer(200, { id: "m 1" }), { kind: "unknown" }],
    [answer(200, { id: "x".repeat(201) }), { kind: "unknown" }],
    [answer(200, { id: "m-1", accepted: false }), { kind: "unknown" }],
    [answer(200, "<html>It works!</html>"), { kind: "unknown" }],
    [answer(200, [{ id: "m-1" }]), { kind: "unknown" }],
    [answer(200, "null"), { kind: "unknown" }],
    [answer(200, null), { kind: "unknown" }],
    ...[400, 410, 413, 422].map((status) => [answer(status), { kind: "rejected", forGood: true }] as const),
    ...[401, 403].map(
      (status) => [answer(status), { kind: "not-accepted", trouble: "credentials" }] as const,
    ),
    [answer(404), { kind: "not-accepted", trouble: "address" }],
    [answer(429, SAID, "7"), { kind: "not-accepted", trouble: "busy", retryAfterMs: 7_000 }],
    [answer(503, SAID), { kind: "not-accepted", trouble: "down", retryAfterMs: null }],
    [answer(429, "", "7"), { kind: "unknown" }],
    [answer(503, { accepted: "false" }), { kind: "unknown" }],
    ...[301, 302, 307, 402, 405, 406, 408, 409, 425, 500, 501, 502, 504].map(
      (status) => [answer(status, SAID), { kind: "unknown" }] as const,
    ),
  ] as const)("%o", (given, outcome) => {
    expect(outcomeOf(given, 0)).toMatchObject(outcome);
  });

  it("never takes anything for a no that the provider has not said, and never shows what it says", () => {
    const secret = "recipient@example.com";
    const body = fc.oneof(
      fc.json().map((text) => text),
      fc.constant(JSON.stringify({ accepted: false, error: secret })),
      fc.constant(JSON.stringify({ id: secret, error: secret })),
      fc.string(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        body,
        fc.option(fc.string(), { nil: undefined }),
        (status, text, header) => {
          const outcome = outcomeOf(answer(status, text, header), 0);
          expect(outcome.words).not.toContain(secret);
          if (outcome.kind === "rejected") expect([400, 410, 413, 422]).toContain(status);
          if (outcome.kind === "accepted") expect(status).toBeGreaterThanOrEqual(200);
          if (outcome.kind === "accepted") expect(status).toBeLessThan(300);
          if (outcome.kind === "not-accepted") expect([401, 403, 404, 429, 503]).toContain(status);
          expect(outcome.kind).not.toBe("not-handed-over");
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("an answer to a look-up", () => {
  it.each([
    [answer(200, { id: "m-1", status: "delivered" }), { found: true, providerMessageId: "m-1" }],
    [answer(200, { id: "m-1" }), { found: true, providerMessageId: "m-1" }],
    [answer(200, { id: "m-1", status: "rejected" }), { found: false }],
    [answer(404, SAID), { found: false }],
  ] as const)("%o is believed", (given, seen) => {
    expect(Result.getOrThrow(lookUpOf(given))).toMatchObject(seen);
  });

  it.each([
    answer(404),
    answer(404, "not found"),
    answer(200),
    answer(200, SAID),
    answer(503, SAID),
    answer(302),
    answer(500),
    answer(401),
  ])("%o says nothing", (given) => {
    expect(Result.isFailure(lookUpOf(given))).toBe(true);
  });
});
