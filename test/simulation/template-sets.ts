/**
 * The templates before and after a rollout: a new version beside the old one, with other words. A copy of what was sent by the old words
 * has to be made by them again.
 */
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Result } from "effect";
import { templateStore } from "../../src/adapters/templates/template-store.ts";
import type { TemplateStore } from "../../src/domain/ports/template-store.ts";
import { SHIPPED_TEMPLATES } from "../../src/service/shipped.ts";

const NEWEST = "9999-12";

const withOtherWords = (): TemplateStore => {
  const folder = mkdtempSync(join(tmpdir(), "simulated-templates-"));
  try {
    cpSync(SHIPPED_TEMPLATES, folder, { recursive: true });
    const [present = ""] = readdirSync(SHIPPED_TEMPLATES).sort().reverse();
    cpSync(join(SHIPPED_TEMPLATES, present), join(folder, NEWEST), { recursive: true });
    for (const file of ["sms.txt.hbs", "email.txt.hbs"])
      appendFileSync(join(folder, NEWEST, "bill", file), "!\n");
    // all is read when the store is made
    return Result.getOrThrow(templateStore({ folder }));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export const TEMPLATES = {
  old: Result.getOrThrow(templateStore({ folder: SHIPPED_TEMPLATES })),
  new: withOtherWords(),
} as const;
