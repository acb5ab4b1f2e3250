/**
 * The fake gateway as a process of its own, so that a test can kill everything else and still ask what was accepted:
 *
 *   node --import tsx test/support/fake-gateway-process.ts --class B --latency 1000 --seed 7 \
 *     --journal FILE --faults '{"hang":0.01,"reset-after":0.02}' [--faulty-channel email] [--port N] \
 *     [--first-only] [--with-parent]
 *
 * Its first line on standard output is `{"url": …}`. It ends on SIGTERM, and with `--with-parent`
 * when its standard input is closed, as it is when whoever started it has died.
 */
import { parseArgs } from "node:util";
import { startFakeGateway, type FakeGatewayOptions } from "./fake-gateway.ts";

const { values } = parseArgs({
  options: {
    class: { type: "string", default: "C" },
    latency: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    port: { type: "string", default: "0" },
    faults: { type: "string", default: "{}" },
    "faulty-channel": { type: "string" },
    journal: { type: "string" },
    "first-only": { type: "boolean", default: false },
    "with-parent": { type: "boolean", default: false },
  },
});

const gateway = await startFakeGateway({
  class: values.class as "A" | "B" | "C", // whoever starts it writes one of these
  latencyMs: Number(values.latency),
  seed: Number(values.seed),
  port: Number(values.port),
  faults: JSON.parse(values.faults) as NonNullable<FakeGatewayOptions["faults"]>, // shares by name
  onFirstOnly: values["first-only"],
  ...(values["faulty-channel"] === undefined ? {} : { faultyChannel: values["faulty-channel"] }),
  ...(values.journal === undefined ? {} : { journalFile: values.journal }),
});

const end = (): void => {
  gateway.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once("SIGTERM", end);
if (values["with-parent"]) process.stdin.once("end", end).resume();

// last, so that whoever reads it can end this process at once
process.stdout.write(`${JSON.stringify({ url: gateway.url })}\n`);
