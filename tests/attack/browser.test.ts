import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { IngestUrl, Invitation, Room } from "@colourstream/contract";
import { routes } from "@colourstream/contract";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAuthenticator } from "../tools/authenticator.js";
import { chromiumLaunch } from "../tools/browser.js";
import { type Encoder, publishUrl, startEncoder } from "../tools/encoder.js";
import { openLiveSocket } from "../tools/live-socket.js";
import { type ApiClient, type Product, startProduct } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { pause, waitFor } from "../tools/wait.js";
import { BEHIND_PROXY, IS_FULL } from "./ask.js";
import { tryRegister } from "./passkey.js";
import { PAYLOADS } from "./payloads.js";

// 32 and 34, with the browser as victim.

const COUNT = IS_FULL ? 500 : 120;
const FEW = 12; // where each costs a password's hash or a ceremony
const A_MESSAGE = 3_000; // characters: some 60 of the texts

let product: Product;
let owner: ApiClient;
let browser: Browser;
beforeAll(async () => {
  product = await startProduct(BEHIND_PROXY);
  owner = await product.owner();
  browser = await chromium.launch(chromiumLaunch());
});
afterAll(async () => {
  await browser?.close();
  await product?.remove();
});

/** The owner's browser; its Content-Security-Policy is off, so that nothing but the pages themselves stands in the way. */
async function ownersBrowser(options: { bypassCSP: boolean }): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  const cookies = owner
    .cookie()
    .split("; ")
    .map((pair) => ({
      name: pair.slice(0, pair.indexOf("=")),
      value: pair.slice(pair.indexOf("=") + 1),
      url: product.url,
    }));
  await context.addCookies(cookies);
  return context;
}

describe.skipIf(process.env["SKIP_BROWSER_TESTS"] === "1")("in Chromium", () => {
  test(`32: ${COUNT} hostile texts as names, reasons and titles run nowhere, with the CSP off`, {
    timeout: 300_000,
  }, async () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(500);
    const texts = PAYLOADS.slice(0, COUNT);
    const { room, secrets, guest } = await plant(texts);
    const written = await writeInChat(guest, room, texts);
    const encoder = await publishAs(room, "<img src=x onerror=alert(1)>");
    const context = await ownersBrowser({ bypassCSP: true });
    const executed: string[] = [];
    const page = await context.newPage();
    page.on("dialog", (dialog) => {
      executed.push(dialog.message());
      dialog.dismiss().catch(() => undefined); // the page may be gone by then
    });
    await page.addInitScript(() => {
      Object.assign(window, { hits: [] as string[] });
      for (const name of ["alert", "confirm", "prompt", "print"])
        Object.assign(window, { [name]: () => Reflect.get(window, "hits").push(`${name} at ${location}`) });
    });
    const shown = new Map<string, number>();
    const look = async (path: string, open?: () => Promise<void>): Promise<void> => {
      await page.goto(product.url + path);
      await page.waitForLoadState("networkidle");
      await open?.();
      for (const toggle of await page.locator("details:not([open]) > summary").all()) await toggle.click();
      // A busy machine is still drawing a long list when the network has come to rest.
      let drawn = -1;
      await waitFor(
        "the page to stand still",
        20_000,
        async () => {
          const before = drawn;
          drawn = await page.evaluate(() => document.querySelectorAll("*").length);
          return drawn === before;
        },
        300,
      );
      const found = await page.evaluate(() => ({
        hits: Reflect.get(window, "hits") as string[],
        text: `${document.body.innerText}\n${[...document.querySelectorAll("input, textarea")]
          .map((field) => (field as HTMLInputElement).value)
          .join("\n")}`,
        // What React makes has no such attributes: an element that has one came out of a text.
        strange: [...document.querySelectorAll("*")]
          .filter((element) =>
            [...element.attributes].some(
              ({ name, value }) => /^on/i.test(name) || /^\s*(?:javascript|vbscript|data:text)/i.test(value),
            ),
          )
          .map((element) => element.outerHTML.slice(0, 200)),
        scripts: [...document.scripts].filter(({ src }) => src === "").length,
      }));
      executed.push(...found.hits);
      expect([path, found.strange, found.scripts]).toEqual([path, [], 0]);
      shown.set(path, texts.filter((text) => found.text.includes(text.trim())).length);
    };
    const studio = [
      "/studio",
      `/studio/rooms/${room.id}`,
      "/studio/people",
      "/studio/security",
      "/studio/security/audit",
      "/studio/security/sessions",
      "/studio/account",
      "/studio/account/tokens",
      "/studio/settings",
      "/studio/about",
    ];
    for (const path of studio) await look(path);
    for (const secret of secrets.slice(0, IS_FULL ? secrets.length : 3)) await look(`/i#${secret}`);
    await look(`/r/${room.id}`, async () => {
      await page.keyboard.press("c");
      await page
        .getByTestId("chat-message")
        .nth(written - 1)
        .waitFor();
    });
    await context.close();
    await encoder.kill();

    expect(executed).toEqual([]);
    // The texts were there to be run: each kind of page showed many of them as text.
    for (const [path, least] of [
      ["/studio", FEW / 2],
      [`/studio/rooms/${room.id}`, COUNT / 2],
      ["/studio/people", COUNT / 2],
      ["/studio/security", FEW / 2],
      ["/studio/security/audit", FEW / 2],
      ["/studio/account", FEW / 2],
      ["/studio/account/tokens", FEW / 2],
      [`/r/${room.id}`, COUNT / 2],
    ] as const) {
      expect([path, (shown.get(path) ?? 0) >= least, shown.get(path)]).toEqual([
        path,
        true,
        expect.any(Number),
      ]);
    }
  });

  test("34: another site's page changes nothing: form, fetch, image, frame, socket", async () => {
    await owner.ask("POST", "/rooms", { name: "Before the attack" });
    const before = await everything();
    const evil = await startEvil();
    // The same host on another port is the same site to SameSite; another name of this machine is not.
    for (const host of ["localhost", "127.0.0.1"]) {
      const context = await ownersBrowser({ bypassCSP: false });
      const page = await context.newPage();
      await page.goto(`http://${host}:${evil.port}/`);
      const seen = await page.evaluate(attackFrom, { target: product.url, paths: readPaths() });
      expect(seen.read).toEqual([]);
      expect(seen.sockets).toEqual([]);
      // A frame that was refused shows the browser's own page in place of ours.
      expect(page.frames().map((frame) => frame.url().startsWith(product.url))).toEqual([false, false]);
      await submitForms(page);
      await context.close();
    }
    await evil.close();
    expect(await everything()).toEqual(before);
    expect((await owner.send("GET", "/rooms")).status).toBe(200);
  });
});

/** Puts the texts wherever a person, a program or a stranger may put a text. */
async function plant(texts: readonly string[]): Promise<{ room: Room; secrets: string[]; guest: ApiClient }> {
  const few = texts.slice(0, FEW);
  const room = await owner.ask<Room>("POST", "/rooms", { name: few[0] });
  // Two rooms may not have one name, whatever its case is.
  for (const [number, name] of few.slice(1).entries())
    await owner.ask("POST", "/rooms", { name: `${name} ${number}` });
  const secrets: string[] = [];
  let guest = product.visitor();
  for (const name of texts) {
    const wish = { name, role: "reviewer" };
    const { link } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, wish);
    secrets.push(new URL(link).hash.slice(1));
    await owner.ask("POST", "/users", { name });
  }
  for (const [number, text] of few.entries()) {
    const wish = { name: text, scopes: ["rooms:read"], expiresAt: null };
    await owner.ask("POST", "/tokens", wish);
    const block = { address: `203.0.113.${number}`, reason: text, expiresAt: null };
    await owner.ask("POST", "/blocks", block);
    const { body } = await tryRegister(owner, createAuthenticator(), product.url);
    await owner.ask("PATCH", `/passkeys/${body.passkey.id}`, { name: text });
    guest = product.visitor();
    await guest.ask("POST", "/invitations/accept", { secret: secrets[number], name: text });
  }
  return { room, secrets, guest };
}

/** Somebody whose name is such a text writes all of them into the room's chat; answers in how many messages. */
async function writeInChat(guest: ApiClient, room: Room, texts: readonly string[]): Promise<number> {
  const messages: string[] = [];
  for (const text of texts) {
    const last = messages.at(-1);
    if (last === undefined || last.length + text.length > A_MESSAGE) messages.push(text);
    else messages[messages.length - 1] = `${last}\n${text}`;
  }
  const socket = await openLiveSocket(product.url, { cookie: guest.cookie(), origin: product.url });
  socket.say({ type: "watch.room", roomId: room.id });
  socket.say({ type: "history.watch", since: null });
  for (const text of messages) {
    const clientId = randomBytes(16).toString("base64url");
    for (let isTaken = false; !isTaken; ) {
      const from = socket.heard.length;
      socket.say({ type: "chat.send", clientId, text, mentions: [], audience: "all" });
      const answer = await waitFor("a message to be taken", 10_000, () =>
        socket.heard
          .slice(from)
          .find((said) => said.type === "history.entry" || said.type === "chat.refused"),
      );
      isTaken = answer.type === "history.entry";
      if (answer.type === "chat.refused") await pause(answer.retryAfterMs ?? 0); // five in five seconds
    }
  }
  socket.end();
  return messages.length;
}

/** An encoder says what it is called, and the studio shows it. */
async function publishAs(room: Room, calledAs: string): Promise<Encoder> {
  const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/reveal`);
  const [ingest] = urls;
  if (ingest === undefined) throw new Error("the room takes no picture");
  const encoder = startEncoder({ url: publishUrl(ingest), width: 160, height: 128, sound: false, calledAs });
  await encoder.firstFrameAt;
  await waitFor("the encoder's name", 5_000, async () => {
    const { stream } = await owner.ask<Room>("GET", `/rooms/${room.id}`);
    return stream?.source?.encoder === calledAs;
  });
  return encoder;
}

test("32: a table of the audit log holds no cell that a spreadsheet would calculate", async () => {
  const formulas = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("https://evil.example")', "\uff1d1+1"];
  for (const name of formulas) {
    const room = await owner.ask<Room>("POST", "/rooms", { name });
    await owner.ask("PATCH", `/rooms/${room.id}`, { archived: true });
  }
  const csv = await owner.ask<string>("GET", "/audit.csv");
  expect(csv.split("\n").length).toBeGreaterThan(10);
  const cells = [...csv.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,\r\n]*))/gm)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
  expect(cells.filter((cell) => /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(cell))).toEqual([]);
  for (const name of formulas) expect(csv).toContain(name.replaceAll('"', '""'));
});

test("32: no source of the pages sets markup from text, and the gate refuses one that would", () => {
  const banned = /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write/;
  const folder = join(PROJECT_ROOT, "packages/web/src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((name) => banned.test(readFileSync(join(folder, name), "utf8")))).toEqual([]);
  const rules = JSON.parse(readFileSync(join(PROJECT_ROOT, "biome.json"), "utf8"));
  expect(rules.linter.rules.security.noDangerouslySetInnerHtml).toBe("error");
});

/** Everything that an attack could have changed, as the owner's API tells it; not what is live, which changes by itself. */
async function everything(): Promise<unknown> {
  const names = ["/rooms", "/rooms?archived=true", "/users", "/passkeys", "/tokens", "/blocks", "/settings"];
  const answers = await Promise.all(names.map((path) => owner.ask("GET", path)));
  return JSON.parse(JSON.stringify(answers, (key, value) => (key === "stream" ? undefined : value)));
}

/** Every address that is read, for a page that hopes that reading one does something. */
function readPaths(): string[] {
  return Object.values(routes)
    .filter(({ method }) => method === "GET")
    .map(({ path }) => `/api/v1${path.replace(/:\w+/g, "AAAAAAAAAAAAAAAAAAAAAA")}`);
}

async function startEvil(): Promise<{ port: number; close(): Promise<void> }> {
  const page = "<!doctype html><title>Free LUTs</title><body>";
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Runs in the evil page: what it could read, and which sockets opened. */
async function attackFrom({ target, paths }: { target: string; paths: string[] }) {
  const read: string[] = [];
  const sockets: string[] = [];
  const api = `${target}/api/v1`;
  const body = JSON.stringify({ name: "By force" });
  const tries: [string, RequestInit][] = [
    [`${api}/rooms`, { method: "POST", body, mode: "no-cors", headers: { "content-type": "text/plain" } }],
    [`${api}/rooms`, { method: "POST", body, mode: "no-cors" }],
    [`${api}/rooms`, { method: "POST", body: new URLSearchParams({ name: "By force" }), mode: "no-cors" }],
    [`${api}/rooms`, { method: "POST", body, headers: { "content-type": "application/json" } }],
    [`${api}/session`, { method: "DELETE" }],
    [`${api}/sessions`, { method: "DELETE" }],
    [`${api}/users`, { method: "POST", body, headers: { "content-type": "application/json" } }],
    [`${api}/settings`, { method: "PATCH", body: "{}", headers: { "content-type": "application/json" } }],
    ...paths.map((path): [string, RequestInit] => [target + path, { mode: "no-cors" }]),
    ...paths.map((path): [string, RequestInit] => [target + path, {}]),
  ];
  for (const [url, init] of tries) {
    try {
      const response = await fetch(url, { credentials: "include", ...init });
      const text = await response.text();
      if (text !== "") read.push(`${init.method ?? "GET"} ${url}: ${text.slice(0, 80)}`);
    } catch {
      // Refused by the browser: it may not read the answer.
    }
  }
  await Promise.all(
    paths.map(
      (path) =>
        new Promise<void>((resolve) => {
          const image = new Image();
          image.onload = image.onerror = () => resolve();
          image.src = target + path;
        }),
    ),
  );
  await new Promise<void>((resolve) => {
    const socket = new WebSocket(`${api.replace(/^http/, "ws")}/realtime`);
    socket.onopen = () => {
      sockets.push("opened");
      socket.send(JSON.stringify({ type: "watch.studio" }));
    };
    socket.onmessage = ({ data }) => sockets.push(String(data));
    socket.onclose = () => resolve();
    setTimeout(resolve, 3_000);
  });
  const frame = document.createElement("iframe");
  frame.src = `${target}/studio`;
  document.body.append(frame);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return { read, sockets };
}

/** A form is the one thing that needs no script: it takes the page away, so each has a page of its own. */
async function submitForms(page: Page): Promise<void> {
  for (const [type, name, value] of [
    ["text/plain", '{"name":"By form","x":"', '"}'],
    ["application/x-www-form-urlencoded", "name", "By form"],
    ["multipart/form-data", "name", "By form"],
  ] as const) {
    const form = await page.context().newPage();
    await form.goto(page.url());
    const answered = form.waitForResponse((response) => response.url().includes("/api/v1/rooms"));
    await form.evaluate(
      ({ target, type, name, value }) => {
        const element = document.createElement("form");
        element.method = "post";
        element.action = `${target}/api/v1/rooms`;
        element.enctype = type;
        const field = document.createElement("input");
        [field.name, field.value] = [name, value];
        element.append(field);
        document.body.append(element);
        element.submit();
      },
      { target: product.url, type, name, value },
    );
    const response = await waitFor("the form's answer", 5_000, () => answered);
    expect(response.status()).toBe(403);
    await form.close();
  }
}
