/**
 * What may be said of a right to send, by whoever knows its attempt's id, and asked on a doubt: well-meant or not.
 */
import type { Attempt, NotAccepted } from "../../src/domain/attempt.ts";
import type { AttemptEnd } from "../../src/domain/fall-back.ts";
import type { WorkerId } from "../../src/domain/ids.ts";
import type { CommandOf } from "../../src/domain/lifecycle/commands.ts";
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { ask, from, gates, gatesKey, KeptAsks, nextStep, type Ask } from "./ask.ts";
import { termsOf, ticks, type Bounds } from "./bounds.ts";
import { at } from "./views.ts";

/** What of an attempt the words about it depend on. */
const keyOf = ({ attemptId, channel, attemptNo }: Attempt): string => `${attemptId} ${channel} ${attemptNo}`;

/** Settlements of one notice's attempts in a world of these bounds. */
export class Settlements {
  readonly #bounds: Bounds;
  readonly #kept = new KeptAsks();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  accept({ attemptId }: Attempt): readonly Ask[] {
    const words = { providerMessageId: "message-1", evidence: "the provider's answer" };
    return this.#kept.of(`accept ${attemptId}`, () => [
      ask({ ...from("receipt"), type: "accept", attemptId, ...words }),
    ]);
  }

  definiteNo(attempt: Attempt, outcome: NotAccepted, owner: WorkerId): readonly Ask[] {
    return this.#kept.of(`definite-no ${keyOf(attempt)} ${outcome} ${owner}`, () =>
      this.#endsOf(outcome).map((end) =>
        ask({
          ...from(owner),
          type: "definite-no",
          owner,
          attemptId: attempt.attemptId,
          outcome,
          next: nextStep(this.#bounds, attempt.channel, attempt.attemptNo, end),
          reason: "the provider's refusal",
          republishInMs: ticks(1),
        }),
      ),
    );
  }

  doubt({ attemptId }: Attempt, owner: WorkerId): readonly Ask[] {
    return this.#kept.of(`doubt ${attemptId} ${owner}`, () => [
      ask({ ...from(owner), type: "doubt", owner, attemptId, reason: "no answer" }, { usual: false }),
    ]);
  }

  /** T12 on a refusal of copy `copies`: by the right's owner (a) and, at class A, by whoever sent the copy (b). */
  refusal(attempt: Attempt, outcome: NotAccepted, owner: WorkerId, copies: number): readonly Ask[] {
    const words = "the provider's refusal";
    return this.#kept.of(`refusal ${keyOf(attempt)} ${outcome} ${owner} ${copies}`, () =>
      this.#endsOf(outcome).flatMap((end) => [
        this.#resolve(attempt, outcome, { by: "owner", owner, copies, words }, end),
        ...(outcome === "rejected"
          ? [this.#resolve(attempt, outcome, { by: "rejection", copies, words }, end)]
          : []),
      ]),
    );
  }

  lookUp(attempt: Attempt, askedAgo: number, copies: number): readonly Ask[] {
    const evidence = { by: "look-up", askedAt: at(-askedAgo), copies, words: "not found" } as const;
    return this.#kept.of(`look-up ${keyOf(attempt)} ${askedAgo} ${copies}`, () =>
      (["not-handed-over", "rejected-for-now"] as const).map((end) =>
        this.#resolve(attempt, "not_handed_over", evidence, end),
      ),
    );
  }

  resend(view: NoticeView, attempt: Attempt, copies: number): readonly Ask[] {
    const key = `resend ${gatesKey(this.#bounds, view)} ${keyOf(attempt)} ${attempt.contentDigest} ${copies}`;
    return this.#kept.of(key, () => this.#resend(view, attempt, copies));
  }

  #resend(view: NoticeView, attempt: Attempt, copies: number): Ask[] {
    const command = {
      ...from("upkeep"),
      type: "resend",
      attemptId: attempt.attemptId,
      copies,
      contentDigest: attempt.contentDigest,
      sendWindowMs: ticks(this.#bounds.sendWindow),
      terms: termsOf(this.#bounds),
    } as const;
    const open = gates(this.#bounds, view);
    return [
      ...open.map(({ gate, ...manner }) => ask({ ...command, gate }, manner)),
      ...open
        .slice(0, 1)
        .map(({ gate, ...manner }) =>
          ask(
            { ...command, gate, contentDigest: "digest-2" },
            { ...manner, bytesDiffer: true, usual: false },
          ),
        ),
    ];
  }

  /** (d): under C4 it is only said where it is true at the moment of its commit. */
  operatorEvidence(attempt: Attempt, copies: number): readonly Ask[] {
    const evidence = { by: "operator", copies, words: "the provider's console shows nothing" } as const;
    return this.#kept.of(`operator's evidence ${keyOf(attempt)} ${copies}`, () =>
      (["not-handed-over", "rejected-for-now"] as const).map((end) => ({
        ...this.#resolve(attempt, "not_handed_over", evidence, end),
        operator: true,
        usual: false,
      })),
    );
  }

  #resolve(
    attempt: Attempt,
    outcome: NotAccepted,
    evidence: CommandOf<"resolve">["evidence"],
    end: AttemptEnd,
  ): Ask {
    return ask({
      ...from(evidence.by === "owner" ? evidence.owner : "upkeep"),
      type: "resolve",
      attemptId: attempt.attemptId,
      outcome,
      evidence,
      terms: termsOf(this.#bounds),
      next: nextStep(this.#bounds, attempt.channel, attempt.attemptNo, end),
      republishInMs: ticks(1),
    });
  }

  #endsOf(outcome: NotAccepted): readonly AttemptEnd[] {
    if (outcome === "not_handed_over") return ["not-handed-over"];
    return this.#bounds.attempts > 1 ? ["rejected-for-now", "rejected-for-good"] : ["rejected-for-now"];
  }
}
