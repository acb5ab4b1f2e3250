/**
 * A broker of a spec's own, which it may set up as it likes, kill and start again. The script that starts it is named by
 * MILLRACE_TEST_KAFKA_SCRIPT (what it has to know stands in `broker-by-script.ts`). Without one these suites are not run, and counted
 * as such; in CI that is a failure.
 */
import { describe } from "vitest";
import { brokerBy, type BrokerPorts, type OwnBroker } from "./broker-by-script.ts";

export type { BrokerPorts, OwnBroker } from "./broker-by-script.ts";

const script = process.env["MILLRACE_TEST_KAFKA_SCRIPT"] ?? "";

if (script === "" && process.env["CI"] === "true") {
  throw new Error("CI has to give the script that starts a broker: set MILLRACE_TEST_KAFKA_SCRIPT to it");
}

/** A suite that starts a broker. */
export const describeOnOwnBroker = describe.skipIf(script === "");

/** Starts one, or three that form a cluster; `settings` are lines of their configuration that come last. */
export const ownBroker = (settings?: (ports: BrokerPorts) => string, nodes?: 1 | 3): Promise<OwnBroker> =>
  brokerBy(script, settings, nodes);
