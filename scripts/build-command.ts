/**
 * The last step of `npm run build`: the command, compiled file by file like the library beside it, is put together into few files.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleCommand } from "./bundle.ts";

const dist = join(import.meta.dirname, "../dist");
// their names change with what is in them
await rm(join(dist, "parts"), { recursive: true, force: true });
await bundleCommand(dist, { sourcemap: true });
