import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Invitation, routes } from "@colourstream/contract";
import { type Browser, chromium } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumLaunch } from "../tools/browser.js";
import { publishUrl, startEncoder } from "../tools/encoder.js";
import { processesWith } from "../tools/processes.js";
import { type ApiClient, makeTicket, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { connectWhepViewer } from "../tools/whep-viewer.js";
import { addressOf, ask, BEHIND_PROXY } from "./ask.js";

// 35: thirteen secrets are used as they are meant to be, wrongly too, and looked for wherever something is written down.

const ADMIN_PASSWORD = "planted-admin-password-7c1f";

let product: Product;
let owner: ApiClient;
let room: TestRoom;
const planted = new Map<string, string>();

beforeAll(async () => {
  product = await startProduct({ ...BEHIND_PROXY, ADMIN_PASSWORD, LOG_LEVEL: "debug", LOG_REQUESTS: "on" });
  owner = await product.owner();
  room = await product.createRoom("Leaky?");
  planted.set("set-up code", new URL(product.setUpLink).hash.slice(1));
  planted.set("session cookie", cookieOf(owner, /session=([\w-]+)/));
  planted.set("stream key", room.ingest.key);
  planted.set("room password", room.reviewerPassword);
  planted.set("ADMIN_PASSWORD", ADMIN_PASSWORD);

  const reviewer = await product.join(room, "Rita");
  planted.set("seat cookie", cookieOf(reviewer, /seat-[\w-]+=([\w-]+)/));
  const wish = { name: "Ines", role: "reviewer", startsAt: Date.now() + 3_600_000, durationMinutes: 30 };
  const { link } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, wish);
  planted.set("invitation secret", new URL(link).hash.slice(1));
  const token = { name: "Robot", scopes: ["rooms:read"], expiresAt: null };
  planted.set("API token", (await owner.ask<{ secret: string }>("POST", "/tokens", token)).secret);
  const phone = await reviewer.ask<{ link: string }>("POST", `/rooms/${room.id}/talk-link`);
  planted.set("talk link", new URL(phone.link).hash.slice(1));
  const { ticket, url } = await makeTicket(reviewer, room);
  planted.set("ticket", ticket);
  const options = await product.visitor().ask<{ challenge: string }>("POST", "/sign-in/options");
  planted.set("passkey challenge", options.challenge);
  const { link: forCora } = await owner.ask<{ link: string }>("POST", "/users", { name: "Cora" });
  planted.set("colourist's link", new URL(forCora).hash.slice(1));
  const key = readFileSync(join(product.dataDir, "secret.key"));
  planted.set("secret.key", key.toString("latin1").trim());

  await useThem(reviewer, ticket, url);
});
afterAll(() => product?.remove());

function cookieOf(client: ApiClient, form: RegExp): string {
  return form.exec(client.cookie())?.[1] ?? "";
}

/** Each secret, used rightly and wrongly, also where it does not belong: in a query, a path, a name, a header. */
async function useThem(reviewer: ApiClient, ticket: string, whep: string): Promise<void> {
  const encoder = startEncoder({ url: publishUrl(room.ingest), width: 160, height: 128, sound: false });
  await encoder.firstFrameAt;
  const refused = startEncoder({ url: publishUrl(room.ingest), width: 160, height: 128, sound: false });
  await refused.ended;
  await product.waitForStream(room, "live");
  const viewer = await connectWhepViewer({ url: new URL(whep, product.url).href, ticket });
  const secret = planted.get("invitation secret") ?? "";
  await product.visitor().ask("POST", "/invitations/open", { secret });
  await product.visitor().ask("POST", "/invitations/accept", { secret, name: "Ines" });
  await product.visitor().ask("POST", "/talk", { secret: planted.get("talk link"), press: "look" });
  await ask(product, { path: "/rooms", token: planted.get("API token") ?? "", from: addressOf(1) });
  let number = 2;
  for (const value of planted.values()) {
    if (/[^\x21-\x7e]/.test(value)) continue; // secret.key as bytes cannot be sent in a header
    const from = addressOf(number++);
    const text = encodeURIComponent(value);
    await ask(product, { path: `/rooms?archived=${text}`, cookie: owner.cookie(), from });
    await ask(product, { path: `/rooms/${text}`, from });
    await ask(product, { path: `/api/nothing/${text}`, token: value, from });
    await ask(product, { method: "POST", path: "/set-up", body: { code: value }, from });
    await ask(product, { method: "POST", path: "/sign-in/password", body: { password: value }, from });
    await ask(product, { method: "POST", path: "/rooms", body: { name: value, nonsense: value }, from });
    await ask(product, { path: "/session", cookie: `session=${value}; seat-x=${value}`, from });
    const wrong = { name: "Eve", password: value };
    await ask(product, { method: "POST", path: `/rooms/${"A".repeat(22)}/join`, body: wrong, from });
    const invited = { secret: value, name: "Eve" };
    await ask(product, { method: "POST", path: "/invitations/accept", body: invited, from });
  }
  await reviewer.send("POST", `/rooms/${room.id}/leave`);
  await viewer.close();
  await encoder.kill();
}

/** Where each secret is found; the value may be written as it is, in base64, in hex or with its sign encoded. */
function found(text: string): string[] {
  return [...planted].flatMap(([name, value]) => {
    const bytes = Buffer.from(value, "latin1");
    const forms = [value, encodeURIComponent(value), bytes.toString("base64"), bytes.toString("hex")];
    return forms.some((form) => form.length >= 8 && text.includes(form)) ? [name] : [];
  });
}

test("35: thirteen secrets are planted, each of some length", () => {
  expect(planted.size).toBe(13);
  for (const [name, value] of planted) expect([name, value.length >= 8]).toEqual([name, true]);
  expect(new Set(planted.values()).size).toBe(13);
});

test("35: none is in the log, at its most talkative, but for the set-up link that is printed once for its reader", () => {
  const log = product.log();
  const lines = log.split("\n").filter((line) => !line.includes(product.setUpLink));
  expect(lines.length).toBeGreaterThan(5);
  expect(found(lines.join("\n"))).toEqual([]);
  expect(log.split(product.setUpLink)).toHaveLength(2);
  // Every request above has its line: the route as it is declared, and no whole address.
  const requests = lines.filter((line) => line.includes('"msg":"request"'));
  expect(requests.length).toBeGreaterThan(100);
  expect(requests.some((line) => line.includes('"route":"/api/v1/rooms/:roomId"'))).toBe(true);
  expect(requests.filter((line) => line.includes(room.id) || line.includes(`"${addressOf(1)}"`))).toEqual([]);
});

test("35: none is in the list of processes that everybody on the machine can read", () => {
  const processes = processesWith(product.dataDir);
  expect(processes.length).toBeGreaterThan(1);
  expect(found(processes.map(({ commandLine }) => commandLine).join("\n"))).toEqual([]);
});

test("35: none is in the database or any other file of the data directory, but the key in its own file", async () => {
  await product.stop(); // what was in memory is written
  const files = readdirSync(product.dataDir, { recursive: true, encoding: "utf8" })
    .map((name) => join(product.dataDir, name))
    .filter((path) => statSync(path).isFile());
  expect(files.length).toBeGreaterThan(100);
  // The search finds what is there: the key in its own file, and the room's name in the database's.
  expect(found(readFileSync(join(product.dataDir, "secret.key"), "latin1"))).toEqual(["secret.key"]);
  expect(files.some((path) => readFileSync(path, "latin1").includes(room.name))).toBe(true);
  const leaks = files.flatMap((path) =>
    found(readFileSync(path, "latin1"))
      // A challenge is no secret: it is kept as it is until it is used, and opens nothing without the passkey.
      .filter((name) => name !== "passkey challenge")
      .filter((name) => !(name === "secret.key" && path === join(product.dataDir, "secret.key")))
      .map((name) => `${name} in ${path}`),
  );
  expect(leaks).toEqual([]);
  const mode = statSync(join(product.dataDir, "secret.key")).mode & 0o777;
  expect(mode).toBe(0o600);
  await product.restart();
});

describe.skipIf(process.env["SKIP_BROWSER_TESTS"] === "1")("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(chromiumLaunch());
  });
  afterAll(() => browser?.close());

  test("35: a link's secret leaves the address bar and the history, and no page tells where its visitor came from", async () => {
    const heard: { referer: string | undefined; url: string }[] = [];
    const evil = createServer((request, response) => {
      heard.push({ referer: request.headers.referer, url: request.url ?? "" });
      response.setHeader("access-control-allow-origin", "*").end("<title>evil</title>");
    });
    await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
    const target = `http://localhost:${(evil.address() as AddressInfo).port}/stolen`;
    const secret = planted.get("invitation secret") ?? "";
    const code = planted.get("colourist's link") ?? "";
    try {
      for (const [path, value] of [
        [`/i#${secret}`, secret],
        [`/set-up#${code}`, code],
        [`/r/${room.id}`, room.reviewerPassword],
      ] as const) {
        const context = await browser.newContext();
        const page = await context.newPage();
        const requests: string[] = [];
        page.on("request", (request) =>
          requests.push(`${request.url().split("#")[0]} ${request.headers()["referer"] ?? ""}`),
        );
        await page.goto(product.url + path);
        await page.waitForLoadState("networkidle");
        expect(page.url()).not.toContain(value);
        const kept = await page.evaluate(() => ({
          entries: (Reflect.get(window, "navigation") as { entries(): { url: string }[] })
            .entries()
            .map(({ url }) => url),
          stored: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]),
          cookie: document.cookie,
        }));
        expect(JSON.stringify(kept)).not.toContain(value);
        expect(kept.cookie).toBe("");
        expect(requests.join("\n")).not.toContain(value);
        await page.evaluate((href) => {
          const link = document.createElement("a");
          link.href = href;
          document.body.append(link);
          link.click();
        }, target);
        await page.waitForURL(target);
        await page.goBack();
        expect(page.url()).not.toContain(value);
        await context.close();
      }
    } finally {
      evil.closeAllConnections();
      await new Promise((resolve) => evil.close(resolve));
    }
    const visits = heard.filter(({ url }) => url === "/stolen");
    expect(visits).toHaveLength(3);
    expect(visits.map(({ referer }) => referer)).toEqual([undefined, undefined, undefined]);
  });
});

test("35: no route of the contract takes a secret in its query", () => {
  const queries = Object.values(routes).flatMap((route) =>
    "query" in route ? Object.keys((route.query as { properties: object }).properties) : [],
  );
  expect(queries.length).toBeGreaterThan(3);
  expect(queries.filter((name) => /secret|token|password|code|key|ticket|credential/i.test(name))).toEqual(
    [],
  );
});
