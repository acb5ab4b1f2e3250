/**
 * What is wrong with a policy although each of its fields can be read: it forbids what it asks for.
 *
 * Looks only at the fields that could be read, so that it can be asked about a half-broken policy too.
 */
import type { PolicyParts } from "./policy-fields.ts";
import { isWithin, minuteOfReading, MINUTES_PER_DAY, type QuietInterval } from "./quiet-hours-interval.ts";

export interface Contradiction {
  readonly path: string;
  readonly problem: string;
}

export const contradictionsIn = (parts: Partial<PolicyParts>): readonly Contradiction[] => [
  ...inChannels(parts.channels ?? []),
  ...inTimes(parts.quietHours ?? [], parts.sendHours ?? "every"),
  ...inResend(parts),
];

const inChannels = (channels: PolicyParts["channels"]): Contradiction[] => {
  const found: Contradiction[] = [];
  const seenAt = new Map<string, number>();
  for (const [place, { channel, backoff }] of channels.entries()) {
    const earlier = seenAt.get(channel);
    if (earlier === undefined) seenAt.set(channel, place);
    else
      found.push({
        path: `channels[${place}].channel`,
        problem: `is the same channel as channels[${earlier}]`,
      });
    if (backoff.capMs < backoff.firstMs) {
      found.push({ path: `channels[${place}].backoff.capMs`, problem: "is shorter than the first wait" });
    }
  }
  return found;
};

const inTimes = (
  quietHours: PolicyParts["quietHours"],
  sendHours: PolicyParts["sendHours"],
): Contradiction[] => {
  const found: Contradiction[] = [];
  for (const [place, { from, until }] of quietHours.entries()) {
    if (from === until) {
      found.push({
        path: `quietHours[${place}]`,
        problem: "begins and ends at the same time: never, or all day?",
      });
    }
  }
  const quiet = readIntervals(quietHours);
  const loud = minutesOfDay.filter((minute) => !quiet.some((interval) => isWithin(interval, minute)));
  if (loud.length === 0) {
    found.push({ path: "quietHours", problem: "covers the whole day, so nothing could ever be sent" });
  } else if (sendHours !== "every" && !loud.some((minute) => sendHours.includes(Math.floor(minute / 60)))) {
    found.push({ path: "sendHours", problem: "has quiet hours only, so nothing could ever be sent" });
  }
  return found;
};

const inResend = ({ resend, expiresAfterMs }: Partial<PolicyParts>): Contradiction[] =>
  resend != null && expiresAfterMs !== undefined && resend.afterMs >= expiresAfterMs
    ? [{ path: "resend.afterMs", problem: "is as long as a notice lives, so no resend could ever happen" }]
    : [];

const minutesOfDay = Array.from({ length: MINUTES_PER_DAY }, (_, minute) => minute);

/** Without those that say nothing readable, or begin where they end. */
export const readIntervals = (
  written: readonly { readonly from: string; readonly until: string }[],
): readonly QuietInterval[] =>
  written.flatMap(({ from, until }) => {
    const fromMinute = minuteOfReading(from, "from");
    const untilMinute = minuteOfReading(until, "until");
    if (fromMinute === undefined || untilMinute === undefined || fromMinute === untilMinute) return [];
    return [{ fromMinute, untilMinute }];
  });
