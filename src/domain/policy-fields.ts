/**
 * How each field of a policy is written in JSON: its shape, its limits, and what to write where it is wrong.
 *
 * Limits are wide; they are there so that a slip of the keyboard (a back-off of a thousand years, a channel listed
 * 500 times) is refused when the policy is read and not found out on billing day.
 */
import { Result, Schema } from "effect";
import { channelId } from "./ids.ts";
import { minuteOfReading } from "./quiet-hours-interval.ts";
import { DAY_MS, WEEKDAYS, zoneId } from "./zone-time.ts";

export const MAX_CHANNELS = 16;
export const MAX_ATTEMPTS = 100;
export const MAX_BACKOFF_MS = 30 * DAY_MS;
export const MAX_BACKOFF_FACTOR = 100;
export const MAX_QUIET_INTERVALS = 24;
export const MAX_LIFE_MS = 400 * DAY_MS;
export const MAX_GENERATIONS = 100;

const wholeNumber = (least: number, most: number) =>
  Schema.Number.check(
    Schema.makeFilter((value: number) =>
      Number.isInteger(value) && value >= least && value <= most
        ? true
        : `is no whole number from ${least} to ${most}`,
    ),
  );

const listOf = <Item extends Schema.Constraint>(item: Item, most: number) =>
  Schema.Array(item).check(
    Schema.makeFilter((list: readonly unknown[]) => {
      if (list.length === 0) return "is empty, so nothing could ever be sent";
      return list.length <= most ? true : `has ${list.length} entries, ${most} at most are taken`;
    }),
  );

const everyOr = <Listed extends Schema.Constraint>(listed: Listed) =>
  Schema.Union([Schema.Literal("every"), listed]).annotate({ message: 'is neither "every" nor a list' });

const zoneName = Schema.String.check(
  Schema.makeFilter((name: string) =>
    Result.match(zoneId(name), { onSuccess: () => true, onFailure: (why) => why }),
  ),
);

const channelName = Schema.String.check(
  Schema.makeFilter((name: string) => {
    try {
      channelId(name);
      return true;
    } catch {
      return "is no name of a channel";
    }
  }),
);

const clockReading = (as: "from" | "until") =>
  Schema.String.check(
    Schema.makeFilter((reading: string) =>
      minuteOfReading(reading, as) === undefined ? "is no time of day" : true,
    ),
  );

export const POLICY_FIELDS = {
  version: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  zone: zoneName,
  channels: listOf(
    Schema.Struct({
      channel: channelName,
      maxAttempts: wholeNumber(1, MAX_ATTEMPTS),
      backoff: Schema.Struct({
        firstMs: wholeNumber(1, MAX_BACKOFF_MS),
        factor: Schema.Number.check(
          Schema.makeFilter((value: number) =>
            value >= 1 && value <= MAX_BACKOFF_FACTOR ? true : `is no number from 1 to ${MAX_BACKOFF_FACTOR}`,
          ),
        ),
        capMs: wholeNumber(1, MAX_BACKOFF_MS),
      }),
    }),
    MAX_CHANNELS,
  ),
  quietHours: Schema.Array(Schema.Struct({ from: clockReading("from"), until: clockReading("until") })).check(
    Schema.makeFilter((list: readonly unknown[]) =>
      list.length <= MAX_QUIET_INTERVALS
        ? true
        : `has ${list.length} entries, ${MAX_QUIET_INTERVALS} at most are taken`,
    ),
  ),
  sendDays: Schema.Struct({
    ofMonth: Schema.optionalKey(everyOr(listOf(wholeNumber(1, 31), 31))),
    ofWeek: Schema.optionalKey(
      everyOr(listOf(Schema.Literals(WEEKDAYS).annotate({ message: "is no day of the week" }), 7)),
    ),
  }),
  sendHours: everyOr(listOf(wholeNumber(0, 23), 24)),
  paused: Schema.Boolean,
  expiresAfterMs: wholeNumber(1, MAX_LIFE_MS),
  resend: Schema.NullOr(
    Schema.Struct({ afterMs: wholeNumber(1, MAX_LIFE_MS), maxGenerations: wholeNumber(2, MAX_GENERATIONS) }),
  ).annotate({ message: "is neither an object nor null" }),
};

export type PolicyField = keyof typeof POLICY_FIELDS;

/** What each field is once it has been read by itself. */
export type PolicyParts = { readonly [Field in PolicyField]: (typeof POLICY_FIELDS)[Field]["Type"] };

/** The fields that nobody can fill in for the operator. */
export const NEEDED_FIELDS = [
  "version",
  "zone",
  "channels",
  "expiresAfterMs",
] as const satisfies PolicyField[];

const FIXES: Readonly<Record<string, string>> = {
  "": "write a JSON object with version, zone, channels and expiresAfterMs",
  version: "write a whole number from 1, higher than the version before",
  zone: 'write a name of the IANA database, such as "Asia/Seoul"',
  channels: `list 1 to ${MAX_CHANNELS} channels in the order in which they are tried, each once`,
  "channels[]": "write an object with channel, maxAttempts and backoff",
  "channels[].channel":
    'write a name of a-z, 0-9 and "-", at most 32 long, such as "email", each channel once',
  "channels[].maxAttempts": `write how often the channel is tried, 1 to ${MAX_ATTEMPTS}`,
  "channels[].backoff": 'write an object such as {"firstMs": 60000, "factor": 2, "capMs": 3600000}',
  "channels[].backoff.firstMs": "write the first wait in milliseconds, 1 up to capMs",
  "channels[].backoff.factor": `write by what the wait grows each time, 1 to ${MAX_BACKOFF_FACTOR}`,
  "channels[].backoff.capMs": `write the longest wait in milliseconds, firstMs up to ${MAX_BACKOFF_MS}`,
  quietHours: `list at most ${MAX_QUIET_INTERVALS} times of day such as {"from": "21:00", "until": "08:00"}; [] for none; leave some minute of the day open`,
  "quietHours[]":
    'write an object such as {"from": "21:00", "until": "08:00"}, which do not name the same time',
  "quietHours[].from": 'write a time from "00:00" to "23:59"',
  "quietHours[].until": 'write a time from "00:00" to "24:00"',
  sendDays: 'write an object such as {"ofMonth": [1, 15], "ofWeek": "every"}, or leave it out for every day',
  "sendDays.ofMonth": 'list days from 1 to 31, or write "every"',
  "sendDays.ofMonth[]": "write a day from 1 to 31",
  "sendDays.ofWeek": `list days of ${WEEKDAYS.join(", ")}, or write "every"`,
  "sendDays.ofWeek[]": `write one of ${WEEKDAYS.join(", ")}`,
  sendHours: 'list hours from 0 to 23 of which one is not quiet, or write "every"',
  "sendHours[]": "write an hour from 0 to 23",
  paused: "write true or false",
  expiresAfterMs: `write how long a notice lives in milliseconds, 1 to ${MAX_LIFE_MS}`,
  resend: 'write an object such as {"afterMs": 86400000, "maxGenerations": 2}, or null for no resend',
  "resend.afterMs": "write the wait after a failure in milliseconds, shorter than expiresAfterMs",
  "resend.maxGenerations": `write 2 to ${MAX_GENERATIONS}, the first one included; for no resend write null as resend`,
};

/** What to write at a path such as `channels[1].maxAttempts`; nothing where nothing may be written. */
export const fixFor = (path: string): string =>
  FIXES[path.replaceAll(/\[[0-9]+\]/g, "[]")] ?? "remove it, or mend its spelling";
