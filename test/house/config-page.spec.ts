/** The page of the configuration says what the settings say. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configPage, PAGE } from "../../scripts/config-page.ts";
import { parseConfig } from "../../src/service/config/file.ts";
import { decodeConfig } from "../../src/service/config/decode.ts";
import { fileLayer } from "../../src/service/config/layers.ts";
import { Result } from "effect";

const path = join(import.meta.dirname, "../..", PAGE);
const page = existsSync(path) ? readFileSync(path, "utf8") : "no page";

describe(PAGE, () => {
  it("shows the settings as they are (npm run docs:config writes it)", async () => {
    expect(page).toBe(await configPage());
  });

  it("has an example that is accepted as it stands", () => {
    const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const answer = parseConfig("example.yaml", example);
    if ("mistakes" in answer) throw new Error(JSON.stringify(answer.mistakes));
    const decoded = decodeConfig([fileLayer("example.yaml", answer.read)], false);
    expect(
      Result.isSuccess(decoded) ? [...decoded.success.config.providers.keys()] : decoded.failure,
    ).toEqual(["email"]);
  });
});
