/**
 * The last step of `npm run build`: the command, compiled file by file like the library beside it, is put together into few files.
 */
import { join } from "node:path";
import { bundleCommand } from "./bundle.ts";

await bundleCommand(join(import.meta.dirname, "../dist"), { sourcemap: true });
