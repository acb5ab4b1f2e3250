/**
 * What a notice is at each step of its delivery: a ladder of types, so that a step in the wrong place does not compile.
 * Each rung keeps what is still needed and drops the rest: ten thousand of them are in flight at once.
 */
import type { Bill, StoredBill } from "../../domain/bill.ts";
import type { AttemptId, NoticeId, Period } from "../../domain/ids.ts";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import type { Sensitive } from "../../domain/masking-sensitive.ts";
import type { Rendered } from "../../domain/message.ts";
import type { Notice } from "../../domain/notice.ts";
import type { Policy } from "../../domain/policy.ts";
import type { ClaimAnswer, Contents } from "../../domain/ports/notice-ledger.ts";
import type { SendOutcome } from "../../domain/ports/sender.ts";
import type { Permit } from "./permit.ts";

/** A record of the log. It only says "look at this one"; the ledger says what is true. */
export interface Request {
  readonly noticeId: NoticeId;
  readonly period: Period;
  /** The row's epoch when it was queued. */
  readonly epoch: number;
  /** Where the log is the ledger itself, taking was claiming. */
  readonly claim: NonNullable<ClaimAnswer["claimed"]> | null;
}

/** Ours for as long as the lease lasts. */
export interface Claimed {
  readonly notice: Notice;
  readonly contents: Contents;
  /** The version that this generation was first routed with. */
  readonly policy: Policy;
}

/** With the bill's contents at hand, sealed as stored. */
export interface Loaded extends Claimed {
  readonly stored: StoredBill;
  /** What lay elsewhere, sealed as stored. */
  readonly fetched: string | null;
}

/** With contact and bill in the clear, each concealed in its type. */
export interface Opened extends Claimed {
  readonly to: Sensitive<string>;
  readonly bill: Bill;
}

/** With the message that is to leave. */
export interface Prepared extends Claimed {
  readonly to: Sensitive<string>;
  readonly rendered: Rendered;
}

/** With a permit of its provider in hand. */
export interface Permitted extends Prepared {
  readonly permit: Permit;
}

/** The right to send is committed. */
export interface Entitled extends Permitted {
  readonly attemptId: AttemptId;
  readonly mayStillLeave: () => boolean;
}

/** How asking the provider, or asking for the right to, has ended. */
export type Sent =
  | {
      readonly kind: "answered";
      readonly from: Claimed;
      readonly attemptId: AttemptId;
      readonly outcome: SendOutcome;
    }
  /** T6 said "not now": to be given back by T6n. */
  | { readonly kind: "turned-away"; readonly from: Claimed }
  /** Somebody else's by now; with the right that was asked for in vain, where one was. */
  | { readonly kind: "lost"; readonly from: Claimed; readonly attemptId?: AttemptId }
  /** T6's answer was lost: there may be a right, and it is not used. */
  | {
      readonly kind: "unsure";
      readonly from: Claimed;
      readonly attemptId: AttemptId;
      readonly words: string;
    };

/** The right, or what is to be told instead of using it. */
export type Begun = Entitled | (Pick<Permitted, "permit"> & { readonly sent: Sent });

export const isEntitled = (begun: Begun): begun is Entitled => "mayStillLeave" in begun;

/** The commands that end a delivery. */
export type SettlingType = "accept" | "definite-no" | "doubt" | "unpreparable" | "release" | "step-back";

/** In the order in which the ledger is told of many. */
export const SETTLING_TYPES: readonly SettlingType[] = [
  "accept",
  "definite-no",
  "doubt",
  "unpreparable",
  "release",
  "step-back",
];

/** What the ledger is to be told; `null`: nothing, because the ledger knows better or upkeep will find it. */
export interface Settlement {
  readonly command: CommandOf<SettlingType> | null;
  /** Told after it, whatever it came to. */
  readonly andThen?: CommandOf<"definite-no">;
  readonly why: string;
}

/** With the claim that it ends: told or not, nobody here works on that any more. */
export interface Settling extends Settlement {
  readonly claim: Pick<Notice, "noticeId" | "epoch">;
}
