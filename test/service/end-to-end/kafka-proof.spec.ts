/**
 * The proofs of `npm run prove:kafka`, in small: the same scenarios, with a few bills and processes. What is wrong they say in words, so
 * the list of that is empty.
 */
import { describe, expect, it } from "vitest";
import { needsOwnBrokers, proveScenario, type ScenarioName } from "../../../scripts/prove-kafka/scenarios.ts";
import type { Brokers } from "../../../scripts/prove-kafka/world.ts";
import { describeOnKafka } from "../../support/kafka.ts";
import { describeOnOwnBroker, ownBroker } from "../../support/own-broker.ts";
import { compiled } from "../../support/program.ts";
import type { GatewayClass } from "./november.ts";

const LIMIT_MS = 400_000;
/** Two workers, a dispatcher and upkeep: each once. */
const KILLS = 4;
const COUNT = 200;

interface Closing {
  readonly close: () => Promise<void>;
}

const proved = async (
  names: readonly [ScenarioName, ...ScenarioName[]],
  brokers: Brokers,
  atEnd: (work: () => Promise<void>, withinMs: number) => void,
  itsClass?: GatewayClass,
) =>
  proveScenario(names, {
    brokers,
    ...(itsClass === undefined ? {} : { itsClass }),
    ...{ seed: 1, count: COUNT, dispatchers: 1, workers: 2, kills: KILLS, betweenKillsMs: [100, 400] },
    ...{ stepMs: 1_000, patienceMs: LIMIT_MS / 2, saysTwice: false },
    print: () => undefined,
    opened: <Opened extends Closing>(what: Opened) => {
      atEnd(() => what.close(), LIMIT_MS);
      return what;
    },
    started: await compiled(),
  });

const GIVEN: Brokers = { address: process.env["MILLRACE_TEST_KAFKA"] ?? "", replication: 1, own: null };

describe("the service on a real broker", { timeout: LIMIT_MS }, () => {
  // at once: what they do is to wait, most of the time
  describeOnKafka("that stays", { concurrent: true }, () => {
    it("loses nothing and sends nothing twice when its topics are made again and each of its processes is killed", async ({
      onTestFinished,
    }) => {
      const found = await proved(["topic", "kills"], GIVEN, onTestFinished, "A");
      const { wrong, kills, sent, failed, doubts } = found;
      expect(wrong).toEqual([]);
      expect({ kills, sent, failed }).toEqual({ kills: KILLS, sent: COUNT, failed: 0 });
      expect(doubts).toBeGreaterThan(0);
    });

    it("sends nothing by a worker that was frozen, and sees again no more than was in flight when all are replaced", async ({
      onTestFinished,
    }) => {
      const found = await proved(["rolling", "frozen"], GIVEN, onTestFinished);
      const { wrong, in_doubt, sent, rolling } = found;
      expect(wrong).toEqual([]);
      expect(rolling).toMatchObject({ restarted: 4 });
      // at class C what was out when it was frozen stays in doubt
      expect(Number(in_doubt) + Number(sent)).toBe(COUNT);
    });
  });

  describeOnOwnBroker("that is killed", { concurrent: true }, () => {
    it.for(["broker", "leader"] as const)(
      "says so, waits, and goes on by itself: %s",
      async (name, { onTestFinished }) => {
        const nodes = needsOwnBrokers(name) ?? 1;
        const own = await ownBroker(undefined, nodes);
        onTestFinished(own.close, LIMIT_MS);
        const brokers = { address: own.address, replication: nodes, own };
        const { wrong, sent, doubts } = await proved([name], brokers, onTestFinished);
        expect(wrong).toEqual([]);
        expect({ sent, doubts }).toEqual({ sent: COUNT, doubts: 0 });
      },
    );
  });
});
