/** The golden samples: what a record looked like when its version was released. They are never changed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const golden = (name: string): string =>
  readFileSync(join(import.meta.dirname, "golden", `${name}.json`), "utf8");
