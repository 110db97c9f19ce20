import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "@playwright/test";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Got, Scene } from "./fixtures/scene.js";

const CHROMIUM = process.env["CHROME_PATH"] ?? "/usr/bin/chromium";
const ORIGIN = "http://localhost:1"; // answered by the test itself; devices and sound need a secure origin
const NAMES = ["Ana", "Ben", "Cleo", "Dan"] as const;
type Name = (typeof NAMES)[number];

let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) return;
  const [script, started] = await Promise.all([
    bundled(),
    chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
    }),
  ]);
  browser = started;
  page = await browser.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  page.on("console", (m) => console.log(m.text()));
  await page.route(`${ORIGIN}/*`, (route) => {
    const isPage = route.request().url() === `${ORIGIN}/`;
    return route.fulfill(
      isPage
        ? { contentType: "text/html", body: '<script type="module" src="/scene.js"></script>' }
        : { contentType: "text/javascript", body: script },
    );
  });
  await page.goto(`${ORIGIN}/`);
  await page.waitForFunction("globalThis.scene !== undefined");
}, 60_000);
afterAll(() => browser?.close());

/** The scene as the page gets it. */
async function bundled(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: fileURLToPath(new URL("./fixtures/scene.ts", import.meta.url)) },
    },
  });
  const [first] = [built].flat();
  if (first === undefined || !("output" in first)) throw new Error("nothing was built");
  return first.output[0].code;
}

const inScene = <T, A>(act: (scene: Scene, given: A) => T | Promise<T>, given: A): Promise<T> =>
  page.evaluate(`(${act.toString()})(globalThis.scene, ${JSON.stringify(given)})`);

async function until<T>(
  what: string,
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  ms = 15_000,
): Promise<T> {
  const deadline = performance.now() + ms;
  let value = await read();
  while (!holds(value)) {
    if (performance.now() > deadline) throw new Error(`${what}: ${JSON.stringify(value)}`);
    value = await read();
  }
  return value;
}

const gotOf = (name: Name) => inScene((scene, whose: Name) => scene.got(whose), name);
const allGot = () =>
  inScene(async (scene) => {
    const all: Record<string, Record<string, Got>> = {};
    for (const name of ["Ana", "Ben", "Cleo", "Dan"]) all[name] = await scene.got(name);
    return all;
  }, null);

const isBrowserHere = existsSync(CHROMIUM);

test.skipIf(!isBrowserHere)("four come at once: three connections each, nobody opened a device", async () => {
  await inScene((scene, names: readonly Name[]) => {
    for (const name of names) scene.come(name, name === "Ana");
  }, NAMES);
  const t = performance.now();
  const all = await until("a full mesh", allGot, (now) =>
    NAMES.every((name) => Object.values(now[name] ?? {}).filter(({ is }) => is === "connected").length === 3),
  );
  console.log("mesh", performance.now() - t, JSON.stringify(all));
});

test.skipIf(!isBrowserHere)("mics", async () => {
  const t = performance.now();
  await inScene(
    (scene, names: readonly Name[]) => Promise.all(names.map((name) => scene.call(name).setMic(true))),
    NAMES,
  );
  await inScene(
    (scene, names: readonly Name[]) => Promise.all(names.map((name) => scene.call(name).setCamera(true))),
    NAMES,
  );
  const all = await until("tones", allGot, (now) =>
    NAMES.every(
      (name) =>
        Object.values(now[name] ?? {}).filter(
          ({ tone, camera }) => tone > 0 && camera !== null && camera[0]! + camera[1]! > 0,
        ).length === 3,
    ),
  );
  console.log("tones", performance.now() - t, JSON.stringify(all));
});
