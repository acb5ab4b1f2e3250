/**
 * How the tests run. Worker processes, not threads: a native client or a crashing worker must not take its neighbours
 * with it. No globals, so that a spec names what it uses.
 */
import { defineConfig } from "vitest/config";

// The package's own name ("millrace") means its TypeScript sources, as tsconfig.json's customConditions say.
const conditions = ["millrace-source", "node", "module"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["millrace-source"] } },
  test: {
    include: ["test/**/*.spec.ts"],
    globalSetup: ["test/support/postgres-global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // A spec that says neither `expect` nor anything else has checked nothing.
    passWithNoTests: false,
    allowOnly: false,
  },
});
