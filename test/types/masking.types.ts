/**
 * What the compiler lets into a log line, an event, an error or a metric. Nothing here is run: `tsc` is the test, and
 * an expected error that does not come is an error itself.
 */
import { channelId, instant, noticeId, type NoticeId } from "../../src/domain/ids.ts";
import { maskPhone, type Masked } from "../../src/domain/masking.ts";
import { logText, type Loggable } from "../../src/domain/masking-loggable.ts";
import { conceal, reveal, type Sensitive } from "../../src/domain/masking-sensitive.ts";
import type { EmailAddress } from "../../src/domain/email-address.ts";
import type { PhoneNumber } from "../../src/domain/phone.ts";
import { Transient } from "../../src/failure.ts";
import type { Status } from "../../src/domain/notice.ts";

declare const log: <const Fields extends object>(fields: Fields & Loggable<Fields>) => void;
declare const emit: (
  event: Loggable<{ readonly type: "sent"; readonly to: Masked; readonly notice: NoticeId }>,
) => void;
declare const countOf: <const Labels extends Readonly<Record<string, string | number>>>(
  metric: "sends",
  labels: Labels & Loggable<Labels>,
) => void;
declare const phone: PhoneNumber;
declare const email: EmailAddress;
declare const text: string;
declare const status: Status;
declare const mystery: unknown;
// oxlint-disable-next-line typescript/no-explicit-any -- what somebody else's untyped code hands over
declare const untyped: any;
declare const failure: Transient;

// What may be said.
log({
  notice: noticeId("n-1"),
  channel: channelId("sms"),
  at: instant(0),
  tries: 3,
  to: phone.masked,
  status,
});
log({ list: [1, 2, phone.masked], nested: { deeply: { to: email.masked } }, nothing: null, late: true });
log({ type: "send:refused", because: logText`sending ${noticeId("n-1")} to ${phone.masked}, attempt ${2}` });
emit({ type: "sent", to: maskPhone(text), notice: noticeId("n-1") });
countOf("sends", { channel: channelId("sms"), status });

// What may not: a contact, in whatever wrapping.
// @ts-expect-error a contact is no log field, not even though it would print its mask
log({ to: phone });
// @ts-expect-error nor deep inside
log({ nested: { list: [{ to: email }] } });
// @ts-expect-error what was revealed is plain text
log({ to: reveal(email) });
// @ts-expect-error nor a part of it
log({ to: reveal(phone).e164 });
// @ts-expect-error nor the whole of it
log(reveal(phone));
// @ts-expect-error any other plain text may hold the same
log({ said: text });
// @ts-expect-error putting it into a sentence does not clean it
log({ said: `sent to ${reveal(email)}` });
// @ts-expect-error nor does being a part of a name
log({ [`to ${reveal(email)}`]: 1 });
// @ts-expect-error what nobody knows is not safe either
log({ mystery });
// @ts-expect-error and what claims to be anything is not either
log({ untyped });
// @ts-expect-error an error carries a message, and a cause with anything in it
log({ failure });
// @ts-expect-error as does its message
log({ why: failure.message });
// @ts-expect-error a method could say anything
log({ when: new Date(0) });

// @ts-expect-error an event whose field is masked takes no plain text
emit({ type: "sent", to: text, notice: noticeId("n-1") });
// @ts-expect-error nor a contact
emit({ type: "sent", to: phone, notice: noticeId("n-1") });
// @ts-expect-error a metric's label is a log field
countOf("sends", { to: reveal(email) });
// @ts-expect-error a sentence for a log is not built from what was revealed
export const revealing = logText`sending to ${reveal(email)}`;
// @ts-expect-error nor from a contact
export const wrapped = logText`sending to ${email}`;

// @ts-expect-error an error's message is text, and a contact is none
export const wrongMessage = new Transient({ message: email });
// @ts-expect-error a contact is not a string by another name
export const asText: string = phone;
// @ts-expect-error and a string is no contact
export const asContact: EmailAddress = text;
// @ts-expect-error nothing is masked that no masker made
export const asMasked: Masked = text;
// @ts-expect-error a number is not an address
export const swapped: EmailAddress = phone;
// @ts-expect-error text of which nothing is known is neither
export const unread: PhoneNumber = conceal(text);
// @ts-expect-error the value has no name to be had by
export const inTheClear: unknown = (phone as Sensitive<unknown>).value;
