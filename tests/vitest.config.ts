import { defineConfig } from "vitest/config";

// Attack and chaos: they start the built product and real encoders, one file after the other.
// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 90_000,
    pool: "forks",
    fileParallelism: false,
    teardownTimeout: 5_000,
  },
});
