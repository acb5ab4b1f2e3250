/**
 * Records of every schema with whatever may stand in their fields, and bytes that nobody meant for a record.
 */
import fc from "fast-check";
import { channelId, instant, noticeId, period, policyVersion, runId } from "../../../src/domain/ids.ts";
import { FINAL_STATUSES } from "../../../src/domain/notice.ts";
import type { NoticeLetter, PoisonLetter } from "../../../src/domain/records/dead-letter-record.ts";
import type { RequestDetails, RequestRecord } from "../../../src/domain/records/request-record.ts";
import type { ResultRecord } from "../../../src/domain/records/result-record.ts";
import { sealedText, type SealedText } from "../../../src/domain/records/sealed-text.ts";
import { anyText } from "../text-arbitraries.ts";

const ids = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 40,
});
const texts = anyText.filter((text) => text.length > 0);
const counts = fc.nat({ max: 1_000_000 });
const instants = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instant);
const periods = fc
  .record({ year: fc.integer({ min: 1900, max: 9999 }), month: fc.integer({ min: 1, max: 12 }) })
  .map(({ year, month }) => period(year * 100 + month));
const channels = fc.constantFrom("email", "sms", "post").map(channelId);
const noticeIds = ids.map(noticeId);
const runs = fc.option(ids.map(runId));
const policies = fc.integer({ min: 1, max: 1_000 }).map(policyVersion);
const traces = fc.option(
  fc
    .tuple(fc.stringMatching(/^[0-9a-f]{32}$/), fc.stringMatching(/^[0-9a-f]{16}$/))
    .map(([trace, span]) => `00-${trace}-${span}-01`),
);
export const sealed = (text: string): SealedText => {
  const found = sealedText(text);
  if (found === null) throw new Error(`${text} is not of a sealed form`);
  return found;
};
const sealedTexts = fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/).map((body) => sealed(`v1.key.${body}`));

const details: fc.Arbitrary<RequestDetails> = fc.record({
  generation: counts.map((count) => count + 1),
  attemptNo: counts,
  billId: texts,
  memberId: texts,
  policyVersion: policies,
  runId: runs,
  priority: counts,
  destination: fc.option(sealedTexts),
  contentLocation: sealedTexts,
});

export const requests: fc.Arbitrary<RequestRecord & { readonly details: RequestDetails }> = fc.record({
  noticeId: noticeIds,
  period: periods,
  epoch: counts.map((count) => count + 1),
  channel: channels,
  traceparent: traces,
  details,
});

export const results: fc.Arbitrary<ResultRecord> = fc.record({
  noticeId: noticeIds,
  period: periods,
  generation: counts.map((count) => count + 1),
  epoch: counts.map((count) => count + 1),
  status: fc.constantFrom(...FINAL_STATUSES),
  reason: fc.option(texts),
  channel: fc.option(channels),
  attempts: counts,
  billId: texts,
  memberId: texts,
  policyVersion: fc.option(policies),
  runId: runs,
  provider: fc.option(texts),
  providerMessageId: fc.option(texts),
  endedAt: instants,
  traceparent: traces,
});

const letterFields = {
  reason: texts,
  stage: fc.option(texts),
  attempts: counts,
  firstTriedAt: fc.option(instants),
  lastTriedAt: fc.option(instants),
  openedAt: instants,
};

export const noticeLetters: fc.Arbitrary<NoticeLetter> = fc.record({
  ...letterFields,
  kind: fc.constantFrom("failed", "doubt"),
  noticeId: noticeIds,
  period: periods,
  epoch: counts.map((count) => count + 1),
  generation: counts.map((count) => count + 1),
  channel: fc.option(channels),
  runId: runs,
});

export const poisonLetters: fc.Arbitrary<PoisonLetter> = fc.record({
  ...letterFields,
  kind: fc.constant("poison"),
  topic: ids,
  partition: counts,
  offset: counts.map(String),
  payload: fc.oneof(
    fc.record({ kind: fc.constant("sealed"), text: sealedTexts }),
    fc.record({ kind: fc.constant("elsewhere"), sha256: fc.stringMatching(/^[0-9a-f]{64}$/), bytes: counts }),
  ),
});

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Random bytes, JSON of any kind, and records with one field that is something else. */
export const strangeBytes = (sample: string): fc.Arbitrary<Uint8Array> => {
  const fields = JSON.parse(sample) as Record<string, unknown>;
  const bent = fc
    .record({
      name: fc.constantFrom(...Object.keys(fields), "__proto__", "constructor", "toString"),
      value: fc.oneof(fc.jsonValue(), fc.constant(undefined)),
    })
    .map(({ name, value }) => {
      const others = Object.entries(fields).filter(([own]) => own !== name);
      const parts = others.map(([own, held]) => `${JSON.stringify(own)}:${JSON.stringify(held)}`);
      if (value !== undefined) parts.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
      return bytesOf(`{${parts.join(",")}}`);
    });
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map(bytesOf),
    anyText.map(bytesOf),
    bent,
    fc
      .record({ at: fc.nat(bytesOf(sample).length - 1), to: fc.nat(255) })
      .map(({ at, to }) => bytesOf(sample).map((byte, index) => (index === at ? to : byte))),
    fc.nat(bytesOf(sample).length).map((length) => bytesOf(sample).subarray(0, length)),
  );
};
