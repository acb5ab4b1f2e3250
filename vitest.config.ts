/**
 * How the tests run. Worker processes, not threads: a native client or a crashing worker must not take its neighbours
 * with it. No globals, so that a spec names what it uses.
 *
 * A worker keeps its modules from one spec to the next: loading effect and rxjs anew for every file took a third of the
 * whole time (317 s against 236 s). So a spec may not change what a module holds; state belongs to what a test makes.
 */
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

// The package's own name ("millrace") means its TypeScript sources, as tsconfig.json's customConditions say.
const conditions = ["millrace-source", "node", "module"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["millrace-source"] } },
  test: {
    include: ["test/**/*.spec.ts"],
    // the scratch folder first: the others make theirs in it
    globalSetup: ["scratch", "postgres", "program"].map((what) => `test/support/${what}-global-setup.ts`),
    pool: "forks",
    isolate: false,
    // two cores; a third worker finds one free now and then, and loads all modules once more for it (289 s with three, 275 with two)
    maxWorkers: 2,
    // properties make and drop objects by the million: fewer collections of them take less time (256 s)
    execArgv: ["--max-semi-space-size=64"],
    sequence: { sequencer: LongestFirst },
    // the longest property takes eleven seconds on an idle machine, and more than thirty on a very busy one
    testTimeout: 120_000,
    // a broker that a suite starts for itself takes a minute and a half on a very busy machine
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // A spec that says neither `expect` nor anything else has checked nothing.
    passWithNoTests: false,
    allowOnly: false,
  },
});
