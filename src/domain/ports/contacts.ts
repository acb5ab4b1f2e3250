/**
 * The one part of what was ingested that may be changed: where a recipient is reached. Whoever implements it promises:
 *
 * - **Not while it is used.** A notice that somebody prepares, sends or doubts keeps its contact: a copy must be the same bytes
 *   as the one before. It answers `not-now`; and `gone` for what was sent, and for what is not there.
 * - **Sealed only.** It is handed over encrypted, bound to its notice or member, and never read back in the clear.
 * - **Noted**: who, when, which channel and why; never the contact.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { ChannelId, NoticeId } from "../ids.ts";
import type { Verdict } from "../lifecycle/rule.ts";
import type { Status } from "../notice.ts";

export interface NewContact {
  readonly noticeId: NoticeId;
  readonly channel: ChannelId;
  readonly sealed: string;
  readonly reason: string;
  readonly actor: string;
}

export interface ContactAnswer {
  readonly verdict: Extract<Verdict, "won" | "not-now" | "gone">;
  /** Empty where there is no such notice. */
  readonly status: Status | null;
}

export interface Contacts {
  readonly update: (contact: NewContact) => Effect.Effect<ContactAnswer, Failure>;
}
