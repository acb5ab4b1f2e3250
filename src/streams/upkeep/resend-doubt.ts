/**
 * Class A: the same bytes again under the same key; the provider answers a repeat of what it accepted as accepted, and its refusal of
 * the newest copy is a refusal of all. In the order that is safe: bytes, permit, right (T11r, committed), deadline, copy.
 *
 * A copy whose right is not positively known to be committed does not leave; a copy of which nothing is learned leaves the doubt as
 * it was, until the next one may leave.
 */
import { Effect, Result } from "effect";
import { instant } from "../../domain/ids.ts";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Failure } from "../../failure.ts";
import type { Prepared } from "../delivery/bodies.ts";
import { gateFor, reopensAt } from "../delivery/gate-times.ts";
import { sendOneCopy } from "../delivery/one-copy.ts";
import type { Permit } from "../delivery/permit.ts";
import { sendWindow } from "../delivery/send-window.ts";
import { permitWithin } from "./permit-within.ts";
import { canNeverBeMade, prepareCopy } from "./prepare-copy.ts";
import { accepted, type Help, type HelpPorts, notAccepted, theAnswer } from "./settle-doubt.ts";
import type { UpkeepProvider } from "./upkeep-ports.ts";

export const resendDoubt = (
  ports: HelpPorts,
  provider: UpkeepProvider,
  doubt: DoubtfulNotice,
  policy: Policy,
): Effect.Effect<Help, Failure> =>
  Effect.gen(function* () {
    const made = yield* Effect.result(prepareCopy(ports, provider, doubt, policy));
    if (Result.isFailure(made)) {
      if (!canNeverBeMade(made.failure)) return yield* Effect.fail(made.failure);
      return { kind: "owed", words: made.failure.message };
    }
    const reopens = reopensAt(ports, made.success);
    if (reopens !== null) return { kind: "again", words: "it may not leave now", notBefore: reopens };
    const { system, limits, stopping } = ports;
    const permit = yield* Effect.promise(() =>
      permitWithin(provider.gate, system.clock, limits.permitWaitMs, stopping),
    );
    if (permit === null) return { kind: "again", words: "the provider takes no more requests for now" };
    return yield* Effect.ensuring(
      sendCopy(ports, provider, doubt, policy, made.success, permit),
      Effect.sync(permit.giveBack),
    );
  });

const sendCopy = (
  ports: HelpPorts,
  provider: UpkeepProvider,
  doubt: DoubtfulNotice,
  policy: Policy,
  copy: Prepared,
  permit: Permit,
): Effect.Effect<Help, Failure> =>
  Effect.gen(function* () {
    const { notice, attempt } = doubt;
    const { sender } = provider;
    const gate = gateFor(ports, copy);
    if (gate === null) return { kind: "again", words: "it may not leave now" };
    const { sendWindowMs } = sender.limits;
    const mayStillLeave = sendWindow({ system: ports.system, sender });
    const { noticeId, period } = notice;
    const { attemptId, copies, contentDigest } = attempt;
    const command = {
      type: "resend" as const,
      ...{ noticeId, period, attemptId, copies, contentDigest, sendWindowMs, gate },
      terms: sender.terms,
      actor: ports.worker,
    };
    const right = yield* Effect.flatMap(ports.ledger.apply("resend", [command]), theAnswer);
    if (right.verdict !== "won")
      return { kind: "again", words: `no copy may leave: ${right.verdict}, ${right.because ?? "no reason"}` };
    const outcome = yield* Effect.promise(() =>
      sendOneCopy(provider, copy, { ...attempt, notice: attempt, mayStillLeave }),
    );
    permit.done(outcome);
    const { deltaMs } = sender.terms;
    switch (outcome.kind) {
      case "accepted":
        return yield* accepted(ports, doubt, outcome.providerMessageId, outcome.words);
      case "rejected":
        return yield* notAccepted(ports, provider, doubt, policy, {
          outcome: "rejected",
          evidence: { by: "rejection", copies: copies + 1, words: outcome.words },
          end: outcome.forGood ? "rejected-for-good" : "rejected-for-now",
        });
      case "not-accepted":
      case "not-handed-over":
      case "unknown": {
        const words = `copy ${copies + 1}: ${outcome.words}`;
        if (deltaMs === "never") return { kind: "owed", words };
        return { kind: "again", words, notBefore: instant(right.at + sendWindowMs + deltaMs + 1) };
      }
    }
  });
