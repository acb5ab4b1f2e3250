/**
 * An operator of the simulated world, who works straight on the ledger: pauses and resumes, activates policies, cancels, suppresses.
 */
import { Effect } from "effect";
import { type NoticeId, policyVersion } from "../../src/domain/ids.ts";
import type { NewNotice } from "../../src/domain/ports/notice-ledger.ts";
import { DEMO_POLICY_WRITTEN } from "../../src/service/policy-file.ts";
import { CHANNELS } from "./service-life.ts";
import type { Store } from "./store.ts";

const NAME = "operator:kim";

export class Operator {
  readonly #ledger: Store["ledger"];
  readonly #paused = new Set<string>();
  readonly #suppressed = new Set<NoticeId>();
  #policies = 0;

  constructor({ ledger }: Pick<Store, "ledger">) {
    this.#ledger = ledger;
  }

  isPaused(channel: string): boolean {
    return this.#paused.has("*") || this.#paused.has(channel);
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
  activatePolicy(): void {
    this.#policies += 1;
    const version = policyVersion(this.#policies);
    Effect.runSync(this.#ledger.activatePolicy(version, { ...DEMO_POLICY_WRITTEN, version }, NAME));
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

const scopeOf = (scope: string) => CHANNELS.find((channel) => channel === scope) ?? "*";
