/**
 * A candidate: a `ready` row as the routing decision sees it, with what is known around it.
 *
 * Plain facts and no contact: routing needs to know that a channel can be used, never with which address.
 */
import type { ChannelId } from "./ids.ts";
import type { Notice } from "./notice.ts";
import type { OwnQuietHours } from "./quiet-hours.ts";

export interface Candidate extends Pick<
  Notice,
  "channel" | "attemptNo" | "dueAt" | "expiresAt" | "holdReason"
> {
  /** The recipient is on the suppression list. */
  readonly suppressed: boolean;
  /** Channels for which there is a contact, in no particular order. */
  readonly channels: readonly ChannelId[];
  /** None, or wishes that could not be read (quiet-hours-own): these are held, not ignored. */
  readonly ownQuietHours: OwnQuietHours | null | { readonly unreadable: string };
}
