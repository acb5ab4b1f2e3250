/**
 * An operator of the simulated world, who works straight on the ledger: pauses and resumes, activates policies, cancels, suppresses,
 * begins again what has failed. And a witness: when a right to send is given, here it is known why none may be.
 */
import { Effect } from "effect";
import { type NoticeId, policyVersion } from "../../src/domain/ids.ts";
import type { Notice } from "../../src/domain/notice.ts";
import type { NewNotice } from "../../src/domain/ports/notice-ledger.ts";
import { DEMO_POLICY_WRITTEN } from "../../src/service/policy-file.ts";
import { NOON_MS } from "./bills.ts";
import { CHANNELS, SEND_WINDOW_MS } from "./service-life.ts";
import type { Store } from "./store.ts";

const NAME = "operator:kim";
const MINUTE_MS = 60_000;
/** The quiet minute, in a policy's words and in the world's own time. */
const QUIET = {
  before: { written: [{ from: "11:59", until: "12:00" }], fromMs: NOON_MS - MINUTE_MS, untilMs: NOON_MS },
  after: { written: [{ from: "12:00", until: "12:01" }], fromMs: NOON_MS, untilMs: NOON_MS + MINUTE_MS },
} as const;

export class Operator {
  readonly #ledger: Store["ledger"];
  readonly #paused = new Set<string>();
  readonly #suppressed = new Set<NoticeId>();
  #policies = 0;
  #quiet: keyof typeof QUIET | null = null;

  constructor({ ledger }: Pick<Store, "ledger">) {
    this.#ledger = ledger;
  }

  /** Why no right to send may be given now; empty where one may. */
  forbids({ noticeId, channel, expiresAt }: Sendable, nowMs: number, now: number): readonly string[] {
    const quiet = this.#quiet === null ? null : QUIET[this.#quiet];
    const isQuiet = quiet !== null && nowMs < quiet.untilMs && nowMs + SEND_WINDOW_MS >= quiet.fromMs;
    return [
      ...(this.#paused.has("*") || this.#paused.has(channel ?? "") ? ["its channel was paused"] : []),
      ...(this.#suppressed.has(noticeId) ? ["its recipient was suppressed"] : []),
      ...(isQuiet ? ["it was quiet, or would be soon"] : []),
      ...(now + SEND_WINDOW_MS >= expiresAt ? ["its time was up, or would be soon"] : []),
    ];
  }

  hasSuppressed(noticeId: NoticeId): boolean {
    return this.#suppressed.has(noticeId);
  }

  pause(scope: string): void {
    Effect.runSync(this.#ledger.pause(scopeOf(scope), "a reason", NAME));
    this.#paused.add(scope);
  }

  resume(scope: string): void {
    if (this.#paused.delete(scope)) Effect.runSync(this.#ledger.resume(scopeOf(scope), NAME));
  }

  resumeAll(): void {
    for (const scope of [...this.#paused]) this.resume(scope);
  }

  /** The same rules under a new number: rights that were asked for under the old one are refused. */
  activatePolicy(quiet: keyof typeof QUIET | null): void {
    this.#policies += 1;
    this.#quiet = quiet;
    const version = policyVersion(this.#policies);
    const quietHours = quiet === null ? [] : QUIET[quiet].written;
    Effect.runSync(
      this.#ledger.activatePolicy(version, { ...DEMO_POLICY_WRITTEN, version, quietHours }, NAME),
    );
  }

  replay(): void {
    for (const { notice } of this.#ledger.notices()) {
      const { noticeId, period, generation, status } = notice;
      if (status !== "failed" && status !== "cancelled") continue;
      const command = { type: "replay" as const, noticeId, period, generation, expiresAt: null };
      Effect.runSync(this.#ledger.apply("replay", [{ ...command, actor: NAME }]));
    }
  }

  cancel({ noticeId, period }: NewNotice): void {
    Effect.runSync(
      this.#ledger.apply("cancel", [
        { type: "cancel", noticeId, period, actor: NAME, reason: "it was paid" },
      ]),
    );
  }

  suppress({ noticeId, userId }: NewNotice): void {
    this.#suppressed.add(noticeId);
    Effect.runSync(this.#ledger.suppress(userId, "a reason", NAME));
  }
}

type Sendable = Pick<Notice, "noticeId" | "channel" | "expiresAt">;

const scopeOf = (scope: string) => CHANNELS.find((channel) => channel === scope) ?? "*";
