import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePolicy, policyErrorInWords } from "../../src/domain/policy-decoder.ts";
import { fixFor, POLICY_FIELDS } from "../../src/domain/policy-fields.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { clockReading } from "../../src/domain/quiet-hours-interval.ts";
import { openWindow } from "../../src/domain/quiet-hours.ts";
import { anyPolicy, at, billPolicy } from "./policy-arbitraries.ts";

const wellWritten = {
  version: 7,
  zone: "Asia/Seoul",
  channels: [
    { channel: "email", maxAttempts: 3, backoff: { firstMs: 60_000, factor: 2, capMs: 600_000 } },
    { channel: "sms", maxAttempts: 2, backoff: { firstMs: 60_000, factor: 2, capMs: 600_000 } },
  ],
  quietHours: [{ from: "21:00", until: "08:00" }],
  expiresAfterMs: 259_200_000,
};

const errorsIn = (written: unknown) => {
  const read = decodePolicy(written);
  return Result.isFailure(read) ? read.failure : [];
};
const pathsIn = (written: unknown) => errorsIn(written).map(({ path }) => path);

/** As an operator would write it. */
const asWritten = ({ quietHours, ...rest }: Policy) => ({
  ...rest,
  quietHours: quietHours.map(({ fromMinute, untilMinute }) => ({
    from: clockReading(fromMinute),
    until: clockReading(untilMinute),
  })),
});

describe("decodePolicy", () => {
  it("reads a policy, and fills in what may be left out", () => {
    expect(decodePolicy(wellWritten)).toEqual(Result.succeed(billPolicy));
  });

  it("names every error at once, each with its place and what to write there", () => {
    const errors = errorsIn({
      ...wellWritten,
      zone: "Asia/Soul",
      channels: [{ ...wellWritten.channels[0], maxAttempts: 0 }, { channel: "email" }],
      quietHours: [{ from: "21:00", until: "25:00" }],
      pauzed: true,
    });
    expect(errors.map(policyErrorInWords)).toEqual([
      "pauzed is no field of a policy: remove it, or mend its spelling",
      'zone "Asia/Soul" is no zone of the IANA database: write a name of the IANA database, such as "Asia/Seoul"',
      "channels[0].maxAttempts is no whole number from 1 to 100: write how often the channel is tried, 1 to 100",
      "channels[1].maxAttempts is missing: write how often the channel is tried, 1 to 100",
      'channels[1].backoff is missing: write an object such as {"firstMs": 60000, "factor": 2, "capMs": 3600000}',
      'quietHours[0].until is no time of day: write a time from "00:00" to "24:00"',
    ]);
  });

  it("names a field that nobody knows wherever it stands, since it is most often a slip", () => {
    const [email] = wellWritten.channels;
    const { backoff } = email ?? {};
    const channels = [{ ...email, backof: 1, backoff: { ...backoff, jitter: 1 } }];
    const errors = errorsIn({ ...wellWritten, channels, sendDays: { ofYear: [1] } });
    expect(errors.map(({ path, problem }) => `${path} ${problem}`)).toEqual([
      "channels[0].backof is not known here",
      "channels[0].backoff.jitter is not known here",
      "sendDays.ofYear is not known here",
    ]);
  });

  it("names what only a person can decide when it is missing", () => {
    expect(pathsIn({})).toEqual(["version", "zone", "channels", "expiresAfterMs"]);
    expect(pathsIn([])).toEqual([""]);
    expect(pathsIn(null)).toEqual([""]);
  });

  const contradictions: readonly (readonly [what: string, change: object, path: string])[] = [
    ["no channel", { channels: [] }, "channels"],
    [
      "a channel twice",
      { channels: [wellWritten.channels[0], wellWritten.channels[1], wellWritten.channels[0]] },
      "channels[2].channel",
    ],
    [
      "a longest wait below the first",
      { channels: [{ channel: "sms", maxAttempts: 1, backoff: { firstMs: 2, factor: 1, capMs: 1 } }] },
      "channels[0].backoff.capMs",
    ],
    ["a quiet time without length", { quietHours: [{ from: "21:00", until: "21:00" }] }, "quietHours[0]"],
    ["a whole quiet day", { quietHours: [{ from: "00:00", until: "24:00" }] }, "quietHours"],
    [
      "quiet times that make up the day between them",
      {
        quietHours: [
          { from: "20:00", until: "08:00" },
          { from: "07:00", until: "20:00" },
        ],
      },
      "quietHours",
    ],
    ["send hours that are all quiet", { sendHours: [22, 23, 0] }, "sendHours"],
    ["no send hour", { sendHours: [] }, "sendHours"],
    ["no send day", { sendDays: { ofMonth: [] } }, "sendDays.ofMonth"],
    ["a life of no length", { expiresAfterMs: 0 }, "expiresAfterMs"],
    [
      "a resend after the end of life",
      { resend: { afterMs: 259_200_000, maxGenerations: 2 } },
      "resend.afterMs",
    ],
    ["a resend that never happens", { resend: { afterMs: 1, maxGenerations: 1 } }, "resend.maxGenerations"],
  ];

  it.each(contradictions)("refuses %s", (_what, change, path) => {
    expect(pathsIn({ ...wellWritten, ...change })).toEqual([path]);
  });

  it("shows a contradiction also where other fields cannot be read", () => {
    expect(pathsIn({ ...wellWritten, zone: 9, version: "7", sendHours: [2] })).toEqual([
      "version",
      "zone",
      "sendHours",
    ]);
  });

  it("always names all of the contradictions and slips that it is given together", () => {
    // One of each group, since two of a group would overwrite one another.
    const slips: (readonly [change: object, path: string])[][] = [
      [
        [{ version: 0 }, "version"],
        [{ version: 1.5 }, "version"],
      ],
      [
        [{ zone: "Mars/Olympus" }, "zone"],
        [{ zone: null }, "zone"],
      ],
      contradictions
        .filter(([, , path]) => path.startsWith("channels"))
        .map(([, change, path]) => [change, path]),
      contradictions
        .filter(([, , path]) => path.startsWith("quietHours"))
        .map(([, change, path]) => [change, path]),
      [
        [{ sendDays: { ofWeek: ["son"] } }, "sendDays.ofWeek[0]"],
        [{ sendDays: 3 }, "sendDays"],
      ],
      [[{ paused: "no" }, "paused"]],
      [
        [{ expiresAfterMs: -1 }, "expiresAfterMs"],
        [{ expiresAfterMs: 1e300 }, "expiresAfterMs"],
      ],
      [
        [{ nonsense: 1 }, "nonsense"],
        [{ toString: 1 }, "toString"],
      ],
    ];
    const anySlips = fc
      .subarray(slips)
      .chain((groups) => fc.tuple(...groups.map((group) => fc.constantFrom(...group))));
    fc.assert(
      fc.property(anySlips, (chosen) => {
        const written = Object.assign({}, wellWritten, ...chosen.map(([change]) => change)) as unknown;
        expect([...pathsIn(written)].sort()).toEqual(chosen.map(([, path]) => path).sort());
      }),
      { numRuns: 1_000 },
    );
  });

  it("always reads back what it has read, and what it reads is open some time", () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const read = decodePolicy(JSON.parse(JSON.stringify(asWritten(policy))));
        if (Result.isSuccess(read)) {
          expect(read.success).toEqual(policy);
          const everyDay = {
            ...policy,
            paused: false,
            sendDays: { ofMonth: "every", ofWeek: "every" },
          } as const;
          const window = openWindow(everyDay, null, at("2026-06-15T00:00:00Z"));
          expect(window.open || window.reopensAt !== null).toBe(true);
        } else {
          expect(read.failure.every(({ path }) => path === "quietHours" || path === "sendHours")).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("never throws, and never refuses without saying where and what to write", () => {
    const keys = fc.constantFrom(...Object.keys(POLICY_FIELDS), "__proto__", "x");
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(keys, fc.jsonValue())), (anything) => {
        const read = decodePolicy(anything);
        if (Result.isSuccess(read)) return;
        expect(read.failure.length).toBeGreaterThan(0);
        for (const error of read.failure) {
          expect(error.problem).not.toBe("");
          expect(error.fix).toBe(fixFor(error.path));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
