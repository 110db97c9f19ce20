import { defineConfig } from "@playwright/test";
import { chromiumLaunch } from "./tests/tools/browser.js";

// The built product with real encoders in Chromium. One worker: two videos at once on two cores measure each other.
export default defineConfig({
  testDir: "tests/e2e",
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env["CI"] !== undefined,
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    launchOptions: chromiumLaunch(),
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    trace: "off", // a trace records every frame of a moving picture
    screenshot: "only-on-failure",
  },
});
