import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser to test with: CHROME_PATH, else one on PATH, else Playwright's own; null when there is none. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment["CHROME_PATH"];
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return named;
    throw new Error(`CHROME_PATH is ${named}, and there is no such file`);
  }
  const folders = (environment["PATH"] ?? "").split(delimiter);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (onPath !== undefined) return onPath;
  const own = chromium.executablePath();
  return existsSync(own) ? own : null;
}

/** How the tests start Chromium: quiet on the network, at the speed of a tab in front, as root where tests run as root. */
export function chromiumArguments(): string[] {
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : []; // Chromium refuses its sandbox to root
  return [
    ...asRoot,
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--mute-audio",
  ];
}

/** For Playwright's `launchOptions`. */
export function chromiumLaunch(): { executablePath: string; args: string[] } {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error("no Chromium: apt-get install -y chromium, or CHROME_PATH=…, or SKIP_BROWSER_TESTS=1");
  }
  return { executablePath, args: chromiumArguments() };
}
