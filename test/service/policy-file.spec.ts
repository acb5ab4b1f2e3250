import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Result } from "effect";
import { afterAll, describe, expect, it } from "vitest";
import { decodePolicy } from "../../src/domain/policy-decoder.ts";
import { configErrorInWords } from "../../src/service/config/written.ts";
import { DEMO_POLICY, DEMO_POLICY_WRITTEN, readPolicyFile } from "../../src/service/policy-file.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-policy-"));
afterAll(() => rm(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const mistakesIn = (path: string): readonly string[] => {
  const read = readPolicyFile(path);
  return Result.isFailure(read)
    ? read.failure.map((error) => configErrorInWords(error).replace(folder, ""))
    : [];
};

const YAML = `
version: 7
zone: Asia/Seoul
channels:
  - channel: email
    maxAttempts: 3
    backoff: { firstMs: 60000, factor: 2, capMs: 3600000 }
expiresAfterMs: 259200000
quietHours:
  - { from: "21:00", until: "08:00" }
`;

describe("a policy in a file", () => {
  it("says every mistake with its line and what to write", () => {
    const path = file(
      "wrong.yaml",
      YAML.replace("Asia/Seoul", "Asia/Soul").replace("maxAttempts: 3", "maxAttempts: 0") + "pauzed: true\n",
    );
    expect(mistakesIn(path)).toEqual([
      "/wrong.yaml:11: pauzed is no field of a policy: remove it, or mend its spelling",
      '/wrong.yaml:3: zone "Asia/Soul" is no zone of the IANA database: write a name of the IANA database, such as "Asia/Seoul"',
      "/wrong.yaml:6: channels[0].maxAttempts is no whole number from 1 to 100: write how often the channel is tried, 1 to 100",
    ]);
  });

  it("reads YAML and JSON to the same policy", () => {
    const fromYaml = readPolicyFile(file("policy.yaml", YAML));
    expect(Result.isSuccess(fromYaml)).toBe(true);
    if (Result.isFailure(fromYaml)) return;
    const fromJson = readPolicyFile(file("policy.json", JSON.stringify(fromYaml.success.written)));
    expect(fromJson).toEqual(fromYaml);
  });

  it("says that the file is not there", () => {
    expect(mistakesIn(join(folder, "absent.json"))).toEqual([
      "/absent.json: cannot be read (ENOENT): check that the file is there, and may be read",
    ]);
  });
});

describe("the demo policy", () => {
  it("is one that the decoder accepts, so the ledger reads back what was put in", () => {
    expect(decodePolicy(JSON.parse(JSON.stringify(DEMO_POLICY_WRITTEN)))).toEqual(
      Result.succeed(DEMO_POLICY),
    );
  });

  it("is never quiet, so that a first try runs at any time of day", () => {
    expect(DEMO_POLICY).toMatchObject({ quietHours: [], sendHours: "every", paused: false });
    expect(DEMO_POLICY.channels.map(({ channel }) => channel)).toEqual(["email", "sms"]);
  });
});
