/**
 * What the package brings along beside its code: its manifest and its templates. Built, the code lies elsewhere and in other pieces than
 * its sources do, so the package's folder is looked for from there upwards.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const packageFolder = (from: string): string => {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder)
      throw new Error(`no package.json lies above ${from}: install the package as a whole`);
  }
};

const FOLDER = packageFolder(import.meta.dirname);

export const SHIPPED_TEMPLATES = join(FOLDER, "templates");

export const shippedVersion = (): string => {
  const { version } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as { version: string }; // our own file
  return version;
};
