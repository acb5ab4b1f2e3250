/** Who may ask a provider now: its limits, its rate and its pauses, and the line of those who wait. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import type { GateChange } from "../../../src/streams/delivery/gate-words.ts";
import type { Permit } from "../../../src/streams/delivery/permit.ts";
import { ProviderGate, type ProviderGateOptions } from "../../../src/streams/delivery/provider-gate.ts";
import { growth } from "../../support/growth.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const ACCEPTED: SendOutcome = { kind: "accepted", providerMessageId: "id", words: "accepted" };
const UNKNOWN: SendOutcome = { kind: "unknown", words: "no answer" };
const DOWN: SendOutcome = { kind: "not-accepted", trouble: "down", retryAfterMs: null, words: "503" };
const WRONG_KEY: SendOutcome = {
  kind: "not-accepted",
  trouble: "credentials",
  retryAfterMs: null,
  words: "401",
};
const REFUSED_CONNECTION: SendOutcome = {
  kind: "not-handed-over",
  trouble: "down",
  words: "connection refused",
};
const TOO_LATE: SendOutcome = { kind: "not-handed-over", trouble: null, words: "too late" };
const busyFor = (retryAfterMs: number): SendOutcome => ({
  kind: "not-accepted",
  trouble: "busy",
  retryAfterMs,
  words: "429",
});

const gateOn = (
  clock: VirtualClock,
  limits: Partial<ProviderGateOptions["limits"]> = {},
  more: Partial<ProviderGateOptions> = {},
): ProviderGate =>
  new ProviderGate({
    provider: "gateway",
    limits: { maxInFlight: 100, perSecond: null, ...limits },
    ports: clock.ports,
    ...more,
  });

const taken = (gate: ProviderGate, count = 1): Permit[] =>
  Array.from({ length: count }, () => {
    const permit = gate.tryTake();
    if (permit === null) throw new Error(`no permit: ${gate.waiting ?? "open"}`);
    return permit;
  });

const changesOf = (gate: ProviderGate): GateChange[] => {
  const changes: GateChange[] = [];
  gate.onChange((change) => changes.push(change));
  return changes;
};

/** A signal that nobody aborts; each waiter has its own, as in a pipeline. */
const never = (): AbortSignal => new AbortController().signal;

describe("a provider's gate", () => {
  it("gives as many permits as the provider takes at once, and the next ones in order as they come back", async () => {
    const clock = new VirtualClock();
    const gate = gateOn(clock, { maxInFlight: 2 });
    const [one, other] = taken(gate, 2);
    expect(gate.tryTake()).toBeNull();
    expect(gate.waiting).toBe("gateway has 2 requests under way, which is its limit");
    const order: string[] = [];
    const waiting = ["a", "b", "c"].map((name) =>
      gate.take(never()).then((permit) => {
        order.push(name);
        return permit;
      }),
    );
    expect(gate.inLine).toBe(3);
    one?.done(ACCEPTED);
    other?.giveBack();
    await clock.settle();
    expect(order).toEqual(["a", "b"]);
    expect(gate.inFlight).toBe(2);
    (await waiting[0])?.done(ACCEPTED);
    (await waiting[2])?.done(ACCEPTED);
    expect(clock.timers).toBe(0);
  });

  it("lets nobody pass those who wait, and lets those go who no longer wish to", async () => {
    const clock = new VirtualClock();
    const gate = gateOn(clock, { maxInFlight: 1 });
    const [first] = taken(gate);
    const leaving = new AbortController();
    const left = gate.take(leaving.signal);
    const stays = gate.take(never());
    const why = new Error("drained");
    leaving.abort(why);
    await expect(left).rejects.toBe(why);
    first?.done(ACCEPTED);
    expect(gate.tryTake()).toBeNull();
    (await stays).done(ACCEPTED);
    await expect(gate.take(leaving.signal)).rejects.toBe(why);
    expect(gate.inFlight).toBe(0);
    expect(gate.tryTake()).not.toBeNull();
  });

  it("tells who listens how long the provider took, where somebody has measured it, and why it is paused", () => {
    const gate = gateOn(new VirtualClock());
    const changes = changesOf(gate);
    const tookMs: number[] = [];
    const stop = gate.onAnswer((ms) => tookMs.push(ms));
    const [measured, unmeasured, unused, unheard] = taken(gate, 4);
    measured?.done(ACCEPTED, 120);
    unmeasured?.done(ACCEPTED);
    unused?.giveBack();
    stop();
    unheard?.done(WRONG_KEY, 30);
    expect(tookMs).toEqual([120]);
    expect(changes).toMatchObject([{ type: "provider:pause:begin", cause: "credentials", reason: "401" }]);
  });

  it("keeps to the rate: a burst, then one after the other, woken by one timer", async () => {
    const clock = new VirtualClock();
    const gate = gateOn(clock, { perSecond: 10 });
    const grantedAtMs: number[] = [];
    for (let at = 0; at < 4; at += 1) {
      gate.take(never()).then(
        () => grantedAtMs.push(clock.nowMs),
        () => expect.unreachable(),
      );
    }
    await clock.settle();
    expect(clock.timers).toBe(1);
    expect(gate.waiting).toBe("gateway is at its limit of requests a second");
    await clock.advance(1_000);
    expect(grantedAtMs).toEqual([0, 100, 200, 300]);
    expect(gate.waiting).toBeNull();
  });

  describe("while the provider fails as a whole", () => {
    it("is shut at once by a provider that says it is down, tries it with one request, and opens little by little", async () => {
      const clock = new VirtualClock();
      const gate = gateOn(clock, { maxInFlight: 8 });
      const changes = changesOf(gate);
      const [request] = taken(gate);
      request?.done(DOWN);
      expect(gate.state).toBe("paused");
      expect(gate.tryTake()).toBeNull();
      expect(gate.whenOpenInMs).toBe(1_000);
      expect(gate.waiting).toBe("gateway is paused, it is tried again in 1000 ms: 503");
      await clock.advance(1_000);
      const [probe] = taken(gate);
      expect(gate.state).toBe("probing");
      expect(gate.tryTake()).toBeNull();
      expect(gate.waiting).toBe("gateway is paused, it is being tried: 503");
      probe?.done(ACCEPTED);
      expect(gate.state).toBe("open");
      const two = taken(gate, 2);
      expect(gate.tryTake()).toBeNull();
      expect(gate.waiting).toBe("gateway was paused and gets 2 requests at once for now");
      for (const permit of two) permit.done(ACCEPTED);
      for (const permit of taken(gate, 4)) permit.done(ACCEPTED);
      expect(taken(gate, 8)).toHaveLength(8);
      expect(changes.map(({ type }) => type)).toEqual([
        "provider:pause:begin",
        "provider:probe:begin",
        "provider:pause:done",
      ]);
    });

    it("waits twice as long after each probe that meets trouble, up to its longest pause", async () => {
      const clock = new VirtualClock();
      const gate = gateOn(clock);
      const pauses: number[] = [];
      gate.onChange((change) => {
        if (change.type === "provider:pause:begin") pauses.push(change.probeInMs);
      });
      taken(gate)[0]?.done(DOWN);
      for (const outcome of [UNKNOWN, REFUSED_CONNECTION, DOWN, UNKNOWN, UNKNOWN, UNKNOWN]) {
        await clock.advance(gate.whenOpenInMs);
        taken(gate)[0]?.done(outcome);
      }
      expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
      await clock.advance(30_000);
      taken(gate)[0]?.done(ACCEPTED);
      expect(gate.state).toBe("open");
      // What fails again at once goes on where it was; what fails after a good while begins anew.
      taken(gate)[0]?.done(DOWN);
      await clock.advance(30_000);
      taken(gate)[0]?.done(ACCEPTED);
      await clock.advance(10_000);
      taken(gate)[0]?.done(DOWN);
      expect(pauses.slice(-2)).toEqual([30_000, 1_000]);
    });

    it("honours how long the provider asks to be left alone, also when another answer asks for more", async () => {
      const clock = new VirtualClock();
      const gate = gateOn(clock);
      const [one, other, late] = taken(gate, 3);
      one?.done(busyFor(20_000));
      expect(gate.whenOpenInMs).toBe(20_000);
      await clock.advance(5_000);
      other?.done(busyFor(60_000));
      expect(gate.whenOpenInMs).toBe(60_000);
      late?.done(busyFor(9_999_999_999));
      expect(gate.whenOpenInMs).toBe(3_600_000);
    });

    it("is loud about what somebody has to mend, and tries it at long intervals", async () => {
      const clock = new VirtualClock();
      const gate = gateOn(clock);
      const changes = changesOf(gate);
      taken(gate)[0]?.done(WRONG_KEY);
      await clock.advance(30_000);
      taken(gate)[0]?.done(WRONG_KEY);
      expect(changes.filter(({ type }) => type === "provider:pause:begin")).toEqual(
        [1, 2].map(() => ({
          type: "provider:pause:begin",
          provider: "gateway",
          cause: "credentials",
          reason: "401",
          probeInMs: 30_000,
          mustBeMended: true,
        })),
      );
      expect(gate.whenOpenInMs).toBe(30_000);
    });

    it.each([
      ["half of many outcomes are trouble", 20, (nth: number) => (nth % 2 === 0 ? ACCEPTED : UNKNOWN)],
      ["few, but one after the other", 10, () => REFUSED_CONNECTION],
    ] as const)("is shut where %s", (_what, count, outcome) => {
      const gate = gateOn(new VirtualClock());
      for (const [nth, permit] of taken(gate, count).entries()) {
        expect(gate.state).toBe("open");
        permit.done(outcome(nth));
      }
      expect(gate.state).toBe("paused");
      expect(gate.waiting).toMatch(
        /trouble with \d+ of the last \d+ requests, at last: (no answer|connection refused)/,
      );
    });

    it("stays open for a few troubles, for refusals of notices, and for what did not leave in time", () => {
      const gate = gateOn(new VirtualClock());
      const rejected: SendOutcome = { kind: "rejected", forGood: true, words: "no such mailbox" };
      for (let times = 0; times < 100; times += 1) {
        for (const outcome of [ACCEPTED, UNKNOWN, rejected, TOO_LATE]) taken(gate)[0]?.done(outcome);
      }
      expect(gate.state).toBe("open");
    });

    it("is not shut by what comes back from before the pause", async () => {
      const clock = new VirtualClock();
      const gate = gateOn(clock);
      const old = taken(gate, 40);
      taken(gate)[0]?.done(DOWN);
      await clock.advance(1_000);
      taken(gate)[0]?.done(ACCEPTED);
      for (const permit of old) permit.done(DOWN);
      expect(gate.state).toBe("open");
      expect(gate.inFlight).toBe(0);
      expect(taken(gate, 2)).toHaveLength(2);
    });

    it("lets the next one try where a probe was not used", async () => {
      const clock = new VirtualClock();
      const gate = gateOn(clock);
      const changes = changesOf(gate);
      taken(gate)[0]?.done(DOWN);
      await clock.advance(1_000);
      taken(gate)[0]?.giveBack();
      expect(gate.state).toBe("paused");
      taken(gate)[0]?.done(TOO_LATE);
      taken(gate)[0]?.done(ACCEPTED);
      expect(gate.state).toBe("open");
      expect(changes.filter(({ type }) => type === "provider:pause:begin")).toHaveLength(1);
    });

    it("wakes the first in line for the probe, and the others when it went well", async () => {
      const clock = new VirtualClock();
      const gate = gateOn(clock);
      taken(gate)[0]?.done(busyFor(5_000));
      const granted: number[] = [];
      for (let at = 0; at < 5; at += 1) {
        gate.take(never()).then(
          (permit) => {
            granted.push(clock.nowMs);
            clock.after(100, () => permit.done(ACCEPTED));
          },
          () => expect.unreachable(),
        );
      }
      expect(clock.timers).toBe(1);
      await clock.advance(10_000);
      expect(granted).toEqual([5_000, 5_100, 5_100, 5_200, 5_200]);
      expect(clock.timers).toBe(0);
    });
  });

  it("always keeps to its limits, lets only probes through while it is paused, and loses no permit", async () => {
    const outcome = fc.constantFrom(
      ACCEPTED,
      ACCEPTED,
      ACCEPTED,
      UNKNOWN,
      DOWN,
      REFUSED_CONNECTION,
      TOO_LATE,
      WRONG_KEY,
      busyFor(700),
      null,
    );
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant("take" as const), workMs: fc.nat({ max: 400 }), outcome }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("try" as const), workMs: fc.nat({ max: 400 }), outcome }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("abort" as const), which: fc.nat({ max: 30 }) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat({ max: 1_500 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.option(fc.integer({ min: 1, max: 50 })),
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 40 }),
        async (maxInFlight, perSecond, burst, steps) => {
          const clock = new VirtualClock();
          const breaker = { minOutcomes: 4, troublesInARow: 3, mendProbeMs: 900 };
          const gate = gateOn(clock, { maxInFlight, perSecond }, { burst, breaker });
          const grantedAtMs: number[] = [];
          const order: number[] = [];
          const ended = new Set<number>();
          const aborts: AbortController[] = [];
          let out = 0;
          /** Until it has said that it is open again. */
          let isPaused = false;
          let outSincePause = 0;
          let pauses = 0;
          let pausedUntilMs = 0;
          gate.onChange((change) => {
            if (change.type === "provider:pause:begin") {
              pausedUntilMs = clock.nowMs + change.probeInMs;
              outSincePause = 0;
              pauses += 1;
            }
            if (change.type !== "provider:probe:begin") isPaused = change.type === "provider:pause:begin";
          });
          const granted = (permit: Permit, workMs: number, what: SendOutcome | null): void => {
            out += 1;
            expect(out).toBeLessThanOrEqual(maxInFlight);
            expect(gate.inFlight).toBeLessThanOrEqual(maxInFlight);
            outSincePause += 1;
            if (isPaused) {
              expect(clock.nowMs).toBeGreaterThanOrEqual(pausedUntilMs);
              expect(outSincePause).toBe(1);
              expect(gate.state).toBe("probing");
            } else expect(gate.state).toBe("open");
            grantedAtMs.push(clock.nowMs);
            const inPause = pauses;
            clock.after(workMs, () => {
              out -= 1;
              if (inPause === pauses) outSincePause -= 1;
              if (what === null) permit.giveBack();
              else permit.done(what);
            });
          };
          for (const given of steps) {
            if (given.do === "wait") await clock.advance(given.ms);
            else if (given.do === "abort") aborts[given.which]?.abort(new Error("left"));
            else if (given.do === "try") {
              const permit = gate.tryTake();
              if (permit !== null) granted(permit, given.workMs, given.outcome);
            } else {
              const place = aborts.length;
              const abort = new AbortController();
              aborts.push(abort);
              gate.take(abort.signal).then(
                (permit) => {
                  order.push(place);
                  ended.add(place);
                  granted(permit, given.workMs, given.outcome);
                },
                () => ended.add(place),
              );
              await clock.settle();
            }
          }
          // Whoever still waits gets its turn; nobody is forgotten, whatever the others did.
          await clock.advance(300_000);
          expect(ended.size).toBe(aborts.length);
          expect(order).toEqual([...order].sort((one, other) => one - other));
          expect([gate.inLine, gate.inFlight, clock.timers]).toEqual([0, 0, 0]);
          if (perSecond === null) return;
          for (const [first, fromMs] of grantedAtMs.entries()) {
            for (let last = first; last < grantedAtMs.length; last += 1) {
              const spanMs = (grantedAtMs[last] ?? 0) - fromMs;
              expect(last - first + 1).toBeLessThanOrEqual((perSecond * spanMs) / 1_000 + burst + 1e-6);
            }
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("costs the same for each permit, however many wait", () => {
    const lineOf = (length: number): (() => void) => {
      const clock = new VirtualClock();
      const gate = gateOn(clock, { maxInFlight: 1 });
      let permit = taken(gate)[0];
      for (let at = 0; at < length; at += 1) gate.take(never()).catch(() => undefined);
      return () => {
        for (let at = 0; at < 500; at += 1) {
          const leaving = new AbortController();
          gate.take(leaving.signal).catch(() => undefined);
          leaving.abort();
          permit?.giveBack();
          permit = undefined;
          void gate.waiting;
        }
      };
    };
    expect(growth(lineOf(10), lineOf(20_000))).toBeLessThan(3);
  });
});
