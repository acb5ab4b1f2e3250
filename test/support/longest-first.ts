/**
 * The order of the suites: the longest begin first, so that at a run's end no worker waits for one that has begun last. A machine
 * that has run them before knows how long each takes; a new one, such as a build machine, has only their sizes, and what starts
 * processes is short to read.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** From the longest on, as measured; who is not named takes less than these, or nobody has measured it yet. */
export const LONGEST: readonly string[] = [
  "test/service/end-to-end/service.spec.ts",
  "test/service/end-to-end/faults.spec.ts",
  "test/service/end-to-end/kafka.spec.ts", // where there is a broker
  "test/adapters/postgres/cut-connections.spec.ts",
  "test/service/end-to-end/demo.spec.ts",
  "test/simulation/simulation.spec.ts",
  "test/adapters/postgres/notice-ledger-model.spec.ts",
  "test/adapters/postgres/edges.spec.ts",
  "test/search/search.spec.ts",
  "test/search/mutants.spec.ts",
  "test/adapters/postgres/lasting-server.spec.ts",
  "test/streams/runtime/pipeline-loss.spec.ts",
  "test/streams/delivery/whole-journey.spec.ts",
  "test/adapters/postgres/cut-pages.spec.ts",
  "test/adapters/postgres/results.spec.ts",
  "test/adapters/postgres/runs.spec.ts",
  "test/examples/examples.spec.ts",
  "test/adapters/postgres/letters.spec.ts",
  "test/adapters/postgres/folder-lock.spec.ts",
  "test/adapters/providers/simulated.spec.ts",
  "test/service/verify/verify-ledger.spec.ts",
  "test/adapters/providers/http-gateway.spec.ts",
  "test/streams/delivery/delivery-pipeline.spec.ts",
  "test/adapters/postgres/queued-notices.spec.ts",
  "test/streams/upkeep/upkeep.spec.ts",
  "test/streams/runtime/pipeline-clocks.spec.ts",
  "test/house/built-package.spec.ts",
  "test/service/ingest.spec.ts",
  "test/streams/runtime/pipeline-health.spec.ts",
  "test/service/config/every-setting.spec.ts",
];

const placeOf = ({ moduleId }: Pick<TestSpecification, "moduleId">): number => {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
  return place === -1 ? LONGEST.length : place;
};

/** Those that are named, then the others as they come. */
export const longestFirst = <Suite extends Pick<TestSpecification, "moduleId">>(
  suites: readonly Suite[],
): Suite[] => [...suites].sort((one, other) => placeOf(one) - placeOf(other));

export class LongestFirst extends BaseSequencer {
  override async sort(suites: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(suites));
  }
}
