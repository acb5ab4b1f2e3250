/**
 * Zones, instants and policies for the properties of the pure rules.
 *
 * Instants gather around changes of the clocks, and times of day around the hours in which clocks change, because
 * that is where calendar code is wrong.
 */
import { Result } from "effect";
import fc from "fast-check";
import { channelId, instant, policyVersion, type ChannelId, type Instant } from "../../src/domain/ids.ts";
import type { ChannelRule, Policy, SendDays } from "../../src/domain/policy.ts";
import type { QuietInterval } from "../../src/domain/quiet-hours-interval.ts";
import type { OwnQuietHours } from "../../src/domain/quiet-hours.ts";
import { WEEKDAYS, zoneId, type ZoneId } from "../../src/domain/zone-time.ts";

export const zone = (name: string): ZoneId => Result.getOrThrow(zoneId(name));
export const at = (isoText: string): Instant => instant(Date.parse(isoText));

/** Zones with the odd habits, and about when they last had them. */
const CHANGES: readonly (readonly [name: string, ...changes: string[]])[] = [
  ["Asia/Seoul", "1988-05-07T17:00Z", "1988-10-08T17:00Z"],
  ["UTC"],
  ["America/New_York", "2026-03-08T07:00Z", "2026-11-01T06:00Z"],
  ["Europe/Berlin", "2026-03-29T01:00Z", "2026-10-25T01:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T15:00Z", "2026-10-03T15:30Z"],
  ["Asia/Kathmandu", "1985-12-31T18:30Z"],
  ["Pacific/Apia", "2011-12-30T10:00Z", "2021-04-03T14:00Z"],
  ["Pacific/Chatham", "2026-04-04T14:00Z", "2026-09-26T14:00Z"],
  ["America/St_Johns", "2006-10-29T02:31Z", "2007-03-11T03:31Z"],
  ["Africa/Casablanca", "2026-02-15T02:00Z", "2026-03-22T02:00Z"],
  ["America/Havana", "2026-03-08T05:00Z", "2026-11-01T05:00Z"],
];

export const anyZone: fc.Arbitrary<ZoneId> = fc.constantFrom(...CHANGES.map(([name]) => zone(name)));

const nearChange: fc.Arbitrary<Instant> = fc
  .record({
    change: fc.constantFrom(...CHANGES.flatMap(([, ...changes]) => changes)),
    awayMs: fc.integer({ min: -3 * 86_400_000, max: 3 * 86_400_000 }),
  })
  .map(({ change, awayMs }) => instant(Date.parse(change) + awayMs));

/** From 1973 on every offset is a whole number of minutes, which is what a minute-by-minute model can follow. */
export const anyInstant: fc.Arbitrary<Instant> = fc.oneof(
  nearChange,
  fc.integer({ min: Date.UTC(1973, 0, 1), max: Date.UTC(2060, 0, 1) }).map(instant),
);

export const anyMinuteOfDay: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 1439 }),
  fc.integer({ min: 0, max: 200 }),
  fc.constantFrom(0, 60, 90, 120, 150, 180, 480, 1260, 1439),
);

const anyInterval: fc.Arbitrary<QuietInterval> = fc
  .record({ fromMinute: anyMinuteOfDay, untilMinute: fc.oneof(anyMinuteOfDay, fc.constant(1440)) })
  .filter(({ fromMinute, untilMinute }) => fromMinute !== untilMinute);

const anyHours: fc.Arbitrary<readonly number[] | "every"> = fc.oneof(
  { weight: 2, arbitrary: fc.constant("every" as const) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 12 }),
  },
);

const anySendDays: fc.Arbitrary<SendDays> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<SendDays>({ ofMonth: "every", ofWeek: "every" }) },
  {
    weight: 1,
    arbitrary: fc.record<SendDays>({
      ofMonth: fc.oneof(
        fc.constant("every" as const),
        fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 20 }),
      ),
      ofWeek: fc.oneof(
        fc.constant("every" as const),
        fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1, maxLength: 6 }),
      ),
    }),
  },
);

export const CHANNELS: readonly ChannelId[] = ["email", "sms", "kakao", "letter"].map(channelId);

const anyChannelRule = (channel: ChannelId): fc.Arbitrary<ChannelRule> =>
  fc.record({
    channel: fc.constant(channel),
    maxAttempts: fc.integer({ min: 1, max: 5 }),
    backoff: fc.record({
      firstMs: fc.integer({ min: 1, max: 60_000 }),
      factor: fc.constantFrom(1, 1.5, 2, 10),
      capMs: fc.integer({ min: 60_000, max: 3_600_000 }),
    }),
  });

const anyChannels: fc.Arbitrary<Policy["channels"]> = fc
  .shuffledSubarray([...CHANNELS], { minLength: 1 })
  .chain((channels) => fc.tuple(...channels.map(anyChannelRule)))
  .map(([first, ...rest]) => {
    if (first === undefined) throw new Error("a policy has a channel");
    return [first, ...rest];
  });

export const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  version: fc.integer({ min: 1, max: 99 }).map(policyVersion),
  zone: anyZone,
  channels: anyChannels,
  quietHours: fc.array(anyInterval, { maxLength: 2 }),
  sendDays: anySendDays,
  sendHours: anyHours,
  paused: fc.constantFrom(false, false, false, false, true),
  expiresAfterMs: fc.integer({ min: 1, max: 1_000_000_000 }),
  resend: fc.constant(null),
});

export const anyOwnQuietHours: fc.Arbitrary<OwnQuietHours | null> = fc.option(
  fc.oneof(
    fc.record({ intervals: fc.array(anyInterval, { maxLength: 2 }), zone: anyZone }),
    fc.record({ intervals: fc.array(anyInterval, { maxLength: 2 }) }),
  ),
);

/** E-mail, then SMS; quiet from nine to eight in Seoul: the policy of the teaching cases. */
export const billPolicy: Policy = {
  version: policyVersion(7),
  zone: zone("Asia/Seoul"),
  channels: [
    {
      channel: channelId("email"),
      maxAttempts: 3,
      backoff: { firstMs: 60_000, factor: 2, capMs: 600_000 },
    },
    { channel: channelId("sms"), maxAttempts: 2, backoff: { firstMs: 60_000, factor: 2, capMs: 600_000 } },
  ],
  quietHours: [{ fromMinute: 21 * 60, untilMinute: 8 * 60 }],
  sendDays: { ofMonth: "every", ofWeek: "every" },
  sendHours: "every",
  paused: false,
  expiresAfterMs: 72 * 3_600_000,
  resend: null,
};
