#!/usr/bin/env node
/**
 * The command `millrace`. Everything it does is in `service/commands/`; here it meets the process.
 *
 * The exit code is set and the process ends by itself: `process.exit` would cut off what is still being written to a pipe.
 */
import { runCommandLine } from "./service/command-line.ts";
import { commandsFor } from "./service/commands/all.ts";
import { processStreams } from "./service/output.ts";
import { shippedVersion } from "./service/shipped.ts";

// Who reads us may stop reading (`millrace … | head`): that is no mistake of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const line = process.argv.slice(2);
const program = { version: shippedVersion(), modules: await commandsFor(line) };
process.exitCode = await runCommandLine(program, line, {
  streams: processStreams(),
  environment: process.env,
  folder: process.cwd(),
});
