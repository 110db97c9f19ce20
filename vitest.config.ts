import { configDefaults, defineConfig } from "vitest/config";

const hasServer = (process.env["DATABASE_URL"] ?? "") !== ""; // a real PostgreSQL, as .ci/run starts one

// The unit suite: neighbours of the source, run in worker threads. e2e, chaos and attack have their own runners.
export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "tools/**/*.test.ts",
      "tests/tools/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
    exclude: [...configDefaults.exclude, ...(hasServer ? [] : ["**/*.postgres.test.ts"])],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    teardownTimeout: 5_000,
  },
});
