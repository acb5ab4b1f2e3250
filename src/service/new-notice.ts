/**
 * From a bill's line to what the ledger keeps of it: contacts and contents sealed one by one, each bound to its notice, so
 * that nothing that can be read about a person leaves this function.
 */
import type { BillRef, StoredBill } from "../domain/bill.ts";
import type { BillLine } from "../domain/bill-line.ts";
import { channelId, instant, type ChannelId, type Instant, type NoticeId } from "../domain/ids.ts";
import { conceal, reveal } from "../domain/masking-sensitive.ts";
import type { ContentCipher } from "../domain/ports/content-cipher.ts";
import type { NewNotice } from "../domain/ports/notice-ledger.ts";
import { noticeIdFor } from "./notice-ids.ts";

/** What sealed text is bound to: the notice, or the member. Delivery opens with the same. */
export type SealedAbout = (notice: { readonly noticeId: NoticeId; readonly userId: string }) => string;

export const aboutTheNotice: SealedAbout = ({ noticeId }) => noticeId;
/** For contacts that move between notices of one member without being sealed anew. */
export const aboutTheMember: SealedAbout = ({ userId }) => userId;

export interface Sealing {
  readonly cipher: Pick<ContentCipher, "seal">;
  readonly sealedAbout: SealedAbout;
}

export interface Stamp {
  /** The ledger's time. */
  readonly now: Instant;
  /** Of lines that do not say: from when it may be sent, or from now where that is past. */
  readonly expiresAfterMs: number;
  /** Which kind of message it is, as the templates name it. */
  readonly kind: string;
  readonly priority: number;
  readonly actor: string;
}

const EMAIL = channelId("email");
const SMS = channelId("sms");

export const newNotice = (
  line: BillLine,
  ref: BillRef | null,
  { cipher, sealedAbout }: Sealing,
  stamp: Stamp,
): NewNotice => {
  const { userId, billId, period, purpose, dueAt, email, phone } = line;
  const noticeId = noticeIdFor(line);
  const about = sealedAbout({ noticeId, userId });
  const seal = (text: string): string => cipher.seal(conceal(text), about);
  const contacts: Record<ChannelId, string> = {
    ...(email === null ? {} : { [EMAIL]: seal(reveal(email)) }),
    ...(phone === null ? {} : { [SMS]: seal(reveal(phone).e164) }),
  };
  const content: StoredBill = { sealed: seal(JSON.stringify(reveal(line.bill))), ref };
  return {
    noticeId,
    period,
    billId,
    purpose,
    userId,
    kind: stamp.kind,
    priority: stamp.priority,
    dueAt,
    expiresAt: line.expiresAt ?? instant(Math.max(stamp.now, dueAt) + stamp.expiresAfterMs),
    contacts,
    routing: line.quietHours === null ? {} : { quietHours: line.quietHours },
    content: { ...content },
    actor: stamp.actor,
  };
};
