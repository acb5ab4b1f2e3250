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

/** Of a proof, on a very busy machine; an idle one needs less than a minute. */
const WITHIN_MS = 420_000;
/** Later, so that who has waited too long can say what for: brokers have to start before it, and all has to end after it. */
const LIMIT_MS = WITHIN_MS + 180_000;
/** Two workers, a dispatcher and upkeep: each once. */
const KILLS = 4;
const COUNT = 400;

interface Closing {
  readonly close: () => Promise<void>;
}

/** Fails with what the proof has said so far where it does not end in time. */
const within = async <Proved>(said: readonly string[], work: Promise<Proved>): Promise<Proved> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not over after ${WITHIN_MS / 1_000} s; the last it has said: ${said.join("; ")}`));
    }, WITHIN_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const proved = async (
  names: readonly [ScenarioName, ...ScenarioName[]],
  brokers: Brokers,
  atEnd: (work: () => Promise<void>, withinMs: number) => void,
  itsClass?: GatewayClass,
) => {
  const said: string[] = [];
  const beganMs = performance.now();
  const work = proveScenario(names, {
    brokers,
    ...(itsClass === undefined ? {} : { itsClass }),
    ...{ seed: 1, count: COUNT, dispatchers: 1, workers: 2, kills: KILLS, betweenKillsMs: [100, 400] },
    ...{ stepMs: 1_000, patienceMs: WITHIN_MS / 3, saysTwice: false, answerWindowMs: 15_000 },
    print: (line) => said.push(`after ${Math.round((performance.now() - beganMs) / 1_000)} s: ${line}`),
    opened: <Opened extends Closing>(what: Opened) => {
      atEnd(() => what.close(), LIMIT_MS);
      return what;
    },
    started: await compiled(),
  });
  return within(said, work);
};

const GIVEN: Brokers = { address: process.env["MILLRACE_TEST_KAFKA"] ?? "", replication: 1, own: null };

describe("the service on a real broker", { timeout: LIMIT_MS }, () => {
  // two at once: what they do is to wait, most of the time; four would have twenty processes start together
  describeOnKafka("that stays", () => {
    it.concurrent("loses nothing and sends nothing twice when its topics are made again and each of its processes is killed", async ({
      onTestFinished,
    }) => {
      const found = await proved(["topic", "kills"], GIVEN, onTestFinished, "A");
      const { wrong, kills, sent, failed, doubts } = found;
      expect(wrong).toEqual([]);
      expect({ kills, sent, failed }).toEqual({ kills: KILLS, sent: COUNT, failed: 0 });
      expect(doubts).toBeGreaterThan(0);
    });

    it.concurrent("sends nothing by a worker that was frozen, and sees again no more than was in flight when all are replaced", async ({
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

  describeOnOwnBroker("that is killed", () => {
    it.concurrent.for(["broker", "leader"] as const)(
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
