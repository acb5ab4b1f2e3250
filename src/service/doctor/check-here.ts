/**
 * What this machine has to have: keys that open what they seal, templates without mistakes, and room for the embedded server.
 */
import { statfs } from "node:fs/promises";
import { Result } from "effect";
import { contentCipher, isContact } from "../../adapters/crypto/index.ts";
import { mistakeInWords } from "../../adapters/templates/mistake.ts";
import { conceal, reveal } from "../../domain/masking-sensitive.ts";
import type { Config } from "../config/config.ts";
import { Refusal } from "../refusal.ts";
import { lintTemplates } from "../template-report.ts";
import { SHIPPED_TEMPLATES } from "../shipped.ts";
import { keysOf } from "../wiring.ts";
import { broken, fine, type Finding, worthKnowing } from "./finding.ts";

const PROBE = "sealed and opened again";

export const checkKeys = (config: Config): Finding => {
  const { file, inline } = config.keys;
  const fix = "millrace config schema says under keys what a key file looks like";
  try {
    const ring = keysOf(config);
    const cipher = contentCipher({ ring, acceptsOld: isContact });
    const opened = cipher.open(cipher.seal(conceal(PROBE), "doctor"), "doctor");
    if (Result.isFailure(opened)) return broken("keys", opened.failure.message, fix);
    if (reveal(opened.success) !== PROBE)
      return broken("keys", "what was sealed opens as something else", fix);
    const words = `seal and open, by key ${ring.present}`;
    return file === null && inline === null
      ? worthKnowing(
          "keys",
          `${words}, made here for a first try`,
          "set MILLRACE_KEYS_FILE before real people are in the ledger",
        )
      : fine("keys", words);
  } catch (error) {
    if (error instanceof Refusal) return broken("keys", error.message, fix);
    throw error;
  }
};

const SHOWN = 3;

export const checkTemplates = ({ templates }: Config): Finding => {
  const folder = templates.folder ?? SHIPPED_TEMPLATES;
  const { mistakes, versions } = lintTemplates(folder);
  if (mistakes.length > 0) {
    const more = mistakes.length > SHOWN ? `; and ${mistakes.length - SHOWN} more` : "";
    const said = mistakes.slice(0, SHOWN).map(mistakeInWords).join("; ");
    return broken(
      "templates",
      `${said}${more}`,
      "mend them, or name the right folder in templates.folder; millrace template lint says all",
    );
  }
  return templates.folder === null
    ? worthKnowing(
        "templates",
        `${versions.join(", ")}, those of the demonstration`,
        "name your own in templates.folder",
      )
    : fine("templates", `${versions.join(", ")}, without mistakes`);
};

const TIGHT_BYTES = 2 ** 30;
const FULL_BYTES = 200 * 2 ** 20;

const freeIn = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** @param freeBytes for a test; else what the file system says */
export const checkDisk = async (folder: string, freeBytes?: number): Promise<Finding> => {
  const free = freeBytes ?? (await freeIn(folder));
  const words = `${(free / 2 ** 30).toFixed(1)} GiB free for the embedded server in ${folder}`;
  if (free >= TIGHT_BYTES) return fine("disk", words);
  const fix = "make room, or name another folder in MILLRACE_DATABASE_FOLDER";
  return free < FULL_BYTES ? broken("disk", words, fix) : worthKnowing("disk", words, fix);
};
