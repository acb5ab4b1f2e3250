/**
 * From a routing decision to the command that carries it out.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelId, instant, noticeId, period, policyVersion, runId } from "../../src/domain/ids.ts";
import { HOLD_REASONS, type Notice } from "../../src/domain/notice.ts";
import type { RoutingCandidate } from "../../src/domain/ports/notice-ledger.ts";
import { candidateOf, routingCommand, type RoutingTerms } from "../../src/domain/routing-command.ts";
import { anyInstant, anyPolicy, at, billPolicy } from "./policy-arbitraries.ts";

const email = channelId("email");
const sms = channelId("sms");
const noon = at("2026-06-15T12:00:00+09:00");
const MORNING = at("2026-06-15T09:00:00+09:00");

const notice: Notice = {
  ...{
    noticeId: noticeId("n1"),
    period: period(202606),
    status: "ready",
    epoch: 4,
    generation: 1,
    attemptNo: 0,
  },
  ...{ channel: null, policyVersion: null, owner: null, leaseUntil: null, lapses: 0, dueAt: MORNING },
  ...{ holdReason: null, republishAt: null, publishes: 0, expiresAt: at("2026-06-18T09:00:00+09:00") },
  ...{ runId: null, cancelRequested: false },
};
const terms: RoutingTerms = {
  active: billPolicy,
  pinned: (version) => (version === billPolicy.version ? billPolicy : null),
  actor: "dispatcher-1",
  runId: runId("run-1"),
  republishInMs: 60_000,
};
const candidate = (change: Partial<Notice> = {}, more: Partial<RoutingCandidate> = {}): RoutingCandidate => ({
  notice: { ...notice, ...change },
  userId: "u",
  suppressed: false,
  channels: [email, sms],
  routing: {},
  ...more,
});

const commandFor = (of: RoutingCandidate, now = noon) => routingCommand(of, terms, now)?.command;

describe("routingCommand", () => {
  it("admits a new generation: it chooses the channel and pins the policy that chose it", () => {
    expect(routingCommand(candidate(), terms, noon)).toMatchObject({
      channel: email,
      command: {
        ...{ type: "route", noticeId: "n1", period: 202606, actor: "dispatcher-1", epoch: 4 },
        ...{
          choice: { channel: email, policyVersion: billPolicy.version },
          runId: "run-1",
          republishInMs: 60_000,
        },
      },
    });
  });

  it("goes on with what is pinned, without choosing again", () => {
    const pinned = candidate({ channel: sms, attemptNo: 1, policyVersion: billPolicy.version });
    expect(routingCommand(pinned, terms, noon)).toMatchObject({ channel: sms, command: { choice: null } });
  });

  it("says nothing of one whose pinned policy has to be fetched first", () => {
    const unknown = candidate({ channel: sms, attemptNo: 1, policyVersion: policyVersion(99) });
    expect(routingCommand(unknown, terms, noon)).toBeNull();
  });

  it("puts off what is not due or quiet, holds what cannot be judged, and ends what is too late or objected to", () => {
    const night = at("2026-06-15T23:30:00+09:00");
    expect(commandFor(candidate({ dueAt: instant(noon + 1) }))).toMatchObject({
      type: "hold",
      reason: null,
      dueAt: noon + 1,
    });
    expect(commandFor(candidate(), night)).toMatchObject({ type: "hold", reason: null });
    expect(commandFor(candidate({}, { routing: { quietHours: "at night" } }))).toMatchObject({
      ...{ type: "hold", reason: "operator", dueAt: null },
    });
    expect(commandFor(candidate({}, { suppressed: true }))).toMatchObject({ type: "suppress" });
    expect(commandFor(candidate({ expiresAt: noon }))).toMatchObject({ type: "expire" });
  });

  it("always speaks of the row as it was locked, and of a channel only where it routes", () => {
    const candidates = fc.record({
      epoch: fc.nat(9),
      dueAt: anyInstant,
      expiresAt: anyInstant,
      holdReason: fc.option(fc.constantFrom(...HOLD_REASONS)),
      pinned: fc.option(fc.constantFrom(email, sms)),
      suppressed: fc.boolean(),
      isAtHand: fc.boolean(),
      contacts: fc.subarray([email, sms]),
    });
    fc.assert(
      fc.property(candidates, anyPolicy, anyInstant, (given, active, now) => {
        const { pinned, suppressed, isAtHand, contacts, ...change } = given;
        const version = pinned === null ? null : active.version;
        const of = candidate(
          { ...change, channel: pinned, policyVersion: version, attemptNo: pinned === null ? 0 : 1 },
          { suppressed, channels: contacts },
        );
        const routed = routingCommand(
          of,
          { ...terms, active, pinned: () => (isAtHand ? active : null) },
          now,
        );
        expect(routed === null).toBe(pinned !== null && !isAtHand);
        if (routed === null) return;
        const { command, channel } = routed;
        expect(command).toMatchObject({ noticeId: "n1", period: notice.period, actor: terms.actor });
        expect(channel !== null).toBe(command.type === "route");
        if ("epoch" in command) expect(command.epoch).toBe(given.epoch);
        if (command.type === "route") expect(command.choice !== null).toBe(pinned === null);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("candidateOf", () => {
  it("tells quiet hours that cannot be read from none", () => {
    expect(candidateOf(candidate()).ownQuietHours).toBeNull();
    const unreadable = candidateOf(candidate({}, { routing: { quietHours: "at night" } })).ownQuietHours;
    expect(unreadable).toHaveProperty("unreadable");
  });
});
