/**
 * A policy out of a file, JSON or YAML, with the line of every mistake; and the policy of a first try.
 */
import { Result } from "effect";
import { channelId, policyVersion } from "../domain/ids.ts";
import { decodePolicy } from "../domain/policy-decoder.ts";
import type { Policy } from "../domain/policy.ts";
import { DAY_MS, SEOUL } from "../domain/zone-time.ts";
import { readConfigFile } from "./config/file.ts";
import type { ConfigError } from "./config/written.ts";

export interface PolicyInFile {
  readonly policy: Policy;
  /** As it was written, to be kept in the ledger. */
  readonly written: unknown;
}

export const readPolicyFile = (path: string): Result.Result<PolicyInFile, readonly ConfigError[]> => {
  const answer = readConfigFile(path);
  if ("mistakes" in answer) return Result.fail(answer.mistakes.map((mistake) => ({ ...mistake, path: "" })));
  const { value, lineOf } = answer.read;
  return Result.mapBoth(decodePolicy(value), {
    onSuccess: (policy) => ({ policy, written: value }),
    onFailure: (errors) =>
      errors.map(({ path: at, problem, fix }) => ({
        place: `${path}:${lineOf(stepsOf(at))}`,
        path: at === "" ? "the policy" : at,
        problem,
        fix,
      })),
  });
};

/** `channels[1].maxAttempts` as `["channels", 1, "maxAttempts"]`. */
const stepsOf = (path: string): readonly (string | number)[] =>
  path
    .split(/[.[]/)
    .filter((step) => step !== "")
    .map((step) => (/^\d+\]$/.test(step) ? Number(step.slice(0, -1)) : step));

/** Short, so that a first try is over soon. */
const DEMO_BACKOFF = { firstMs: 500, factor: 2, capMs: 2_000 };

/** E-mail, then SMS, at any time of day, so that a first try runs whenever somebody has time for it. */
export const DEMO_POLICY: Policy = {
  version: policyVersion(1),
  zone: SEOUL,
  channels: [
    { channel: channelId("email"), maxAttempts: 2, backoff: DEMO_BACKOFF },
    { channel: channelId("sms"), maxAttempts: 2, backoff: DEMO_BACKOFF },
  ],
  quietHours: [],
  sendDays: { ofMonth: "every", ofWeek: "every" },
  sendHours: "every",
  paused: false,
  expiresAfterMs: 3 * DAY_MS,
  resend: null,
};

/** The same as it would stand in a file, which is how the ledger keeps it. */
export const DEMO_POLICY_WRITTEN: object = { ...DEMO_POLICY, quietHours: [] };
