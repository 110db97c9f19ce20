import type { Browser, BrowserContext, BrowserContextOptions, Page } from "@playwright/test";
import { type PluggedIn, plugIn } from "./conference-devices.js";
import {
  callLinks,
  type ForcedRelay,
  hearPeople,
  hideBusyMachine,
  isColour,
  isTone,
  seePeople,
  watchCalls,
} from "./conference-watch.js";
import type { ApiClient, TestRoom } from "./product.js";

/** Somebody in the room with a browser profile, devices and a page of their own. */
export type Somebody = {
  readonly name: string;
  readonly devices: PluggedIn;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors in the page's console, and what was thrown and not caught. */
  readonly complaints: string[];
};

/** How somebody comes. */
export type Coming = {
  readonly name: string;
  readonly devices: PluggedIn;
  /** The login that their browser holds; without one they come by the room's link and password. */
  readonly login?: ApiClient;
  readonly forcedRelay?: ForcedRelay;
  /** See `hideBusyMachine`. */
  readonly isMachineHidden?: boolean;
  readonly browser?: BrowserContextOptions;
};

const PATIENCE_MS = 60_000; // several browsers and coders share the cores

/** Tones far enough apart for an analyser, and colours for eyes. */
export const DEVICES = [
  { tone: 500, otherTone: 2100, colour: [200, 30, 30] },
  { tone: 700, otherTone: 2300, colour: [30, 180, 30] },
  { tone: 900, otherTone: 2500, colour: [40, 60, 220] },
  { tone: 1200, otherTone: 2700, colour: [200, 190, 30] },
] as const satisfies readonly PluggedIn[];

/** Opens a browser profile with its devices and a page in it that is nowhere yet. */
export async function sitDown(browser: Browser, url: string, who: Coming): Promise<Somebody> {
  const context = await browser.newContext({ viewport: { width: 1024, height: 640 }, ...who.browser });
  context.setDefaultTimeout(PATIENCE_MS);
  // Who has let the page have a microphone once gives it the addresses of their network cards (RFC 8828 §5.2, mode 1),
  // not mDNS names. From such an address Chromium does not ask a relay on loopback.
  if (who.forcedRelay === undefined) await context.grantPermissions(["microphone", "camera"]);
  await plugIn(context, who.devices);
  await watchCalls(context, who.forcedRelay ?? null);
  if (who.isMachineHidden === true) await hideBusyMachine(context);
  if (who.login !== undefined) {
    const pairs = who.login.cookie().split("; ");
    await context.addCookies(
      pairs.map((pair) => {
        const at = pair.indexOf("=");
        return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
      }),
    );
  }
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { name: who.name, devices: who.devices, context, page, complaints };
}

/** Comes in by the room's link: past the door where one has no login. */
export async function comeIn(browser: Browser, url: string, room: TestRoom, who: Coming): Promise<Somebody> {
  const somebody = await sitDown(browser, url, who);
  const { page } = somebody;
  await page.goto(room.reviewerLink);
  if (who.login === undefined) {
    await page.getByLabel("Your name").fill(who.name);
    await page.getByLabel("Password", { exact: true }).fill(room.reviewerPassword);
    await page.getByRole("button", { name: "Join", exact: true }).click();
  }
  await page.getByTestId("stage").waitFor();
  return somebody;
}

/** What is missing until each of these has a connection to every other, and to nobody else. */
export async function missingLinks(people: readonly Somebody[]): Promise<string[]> {
  const of = async ({ name, page }: Somebody) => {
    const links = await callLinks(page);
    const up = links.filter(({ state }) => state === "connected").map((link) => link.name ?? "?");
    const others = people.filter((other) => other.name !== name).map((other) => other.name);
    const missing = others.filter((other) => !up.includes(other)).map((other) => `${name} has no ${other}`);
    const many = up.length > others.length || links.length > others.length;
    return many ? [...missing, `${name} has ${links.length} connections`] : missing;
  };
  return (await Promise.all(people.map(of))).flat();
}

/** What is missing until each of the listeners hears every talker's tone, and of everybody else silence. */
export async function missingVoices(
  listeners: readonly Somebody[],
  talkers: readonly Somebody[],
  toneOf = ({ devices }: Somebody) => devices.tone,
): Promise<string[]> {
  const of = async ({ name, page }: Somebody) => {
    const heard = await hearPeople(page);
    const wrong = talkers
      .filter((talker) => talker.name !== name && !isTone(heard[talker.name], toneOf(talker)))
      .map((talker) => `${name} hears ${heard[talker.name] ?? "nothing"} of ${talker.name}`);
    const loud = Object.keys(heard)
      .filter((other) => (heard[other] ?? 0) > 0 && talkers.every((talker) => talker.name !== other))
      .map((other) => `${name} hears ${other}, who does not talk`);
    return [...wrong, ...loud];
  };
  return (await Promise.all(listeners.map(of))).flat();
}

/** What is missing until each of these sees the camera of every one who is shown. */
export async function missingFaces(
  viewers: readonly Somebody[],
  shown: readonly Somebody[],
): Promise<string[]> {
  const of = async ({ name, page }: Somebody) => {
    const colours = await seePeople(page);
    return shown
      .filter((other) => other.name !== name && !isColour(colours[other.name], other.devices.colour))
      .map((other) => `${name} sees ${colours[other.name] ?? "nothing"} of ${other.name}`);
  };
  return (await Promise.all(viewers.map(of))).flat();
}
