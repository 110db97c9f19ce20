import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryOf, listeningBus, storedRoom } from "../../testing/ome-room.js";
import { createRefusals } from "../refusals.js";
import { type CountedAdmission, createOmeAdmission, type LetIn } from "./admission.js";
import { parseOmeUrl } from "./names.js";
import { parseQuestion, signatureOf } from "./question.js";
import { createOmeRest, OmeError, type OmeRest } from "./rest.js";
import { createOmeTickets, type OmeTickets } from "./tickets.js";

const FIXTURES = fileURLToPath(new URL("fixtures/", import.meta.url));
const SECRET = "hook-secret";
const read = (name: string): string => readFileSync(join(FIXTURES, name), "utf8");
const files = (start: string): string[] => readdirSync(FIXTURES).filter((name) => name.startsWith(start));

const bodies = [...new Set(files("hooks").flatMap((name) => read(name).split("\n")))].filter((line) =>
  line.startsWith('{"client"'),
);
/** Those of one machine's minute, each once. */
const questions = bodies.map((body) => {
  const question = parseQuestion(Buffer.from(body));
  if (question === null) throw new Error(`not understood: ${body}`);
  return { body, question };
});

type Scene = { readonly admission: CountedAdmission; readonly tickets: OmeTickets; readonly letIn: LetIn[] };

/** Over rooms whose keys are the names that were published to in the recordings. */
function scene(keys: readonly string[], now: number): Scene {
  const letIn: LetIn[] = [];
  const tickets = createOmeTickets({
    key: new Uint8Array(32),
    bus: listeningBus(),
    wallClock: () => now,
  });
  const admission = createOmeAdmission({
    config: { webhookSecret: SECRET, app: "live", universalApp: null },
    settings: () => ({ rtmpOn: true, rtmpsOn: true, srtOn: true, whipOn: true }),
    rooms: directoryOf(
      keys,
      keys.map((key) => storedRoom(key)),
    ),
    blocks: { isBlocked: () => false },
    tickets,
    refusals: createRefusals(() => now),
    mayTake: () => true,
    letIn: (who) => letIn.push(who),
    closed: () => undefined,
    clock: () => 0,
    wallClock: () => now,
    tell: () => undefined,
    log: () => undefined,
  });
  return { admission, tickets, letIn };
}

const signed = (body: string) => ({
  body: Buffer.from(body),
  signature: signatureOf(Buffer.from(body), SECRET),
});

describe("AdmissionWebhooks, as recorded", () => {
  test("the signature of the first recorded question is ours", () => {
    expect(signed(bodies[0] ?? "").signature).toBe("9R-eK9YefnjTlQy-oCPJL8Do-yw");
  });

  test("every recorded question is understood, in all five protocols, opening and closing", () => {
    expect(questions.length).toBeGreaterThan(55);
    const kinds = new Set(
      questions.map(
        ({ question: { request } }) => `${request.protocol} ${request.direction} ${request.status}`,
      ),
    );
    expect([...kinds].sort()).toEqual([
      "LLHLS outgoing closing",
      "LLHLS outgoing opening",
      "RTMP incoming closing",
      "RTMP incoming opening",
      "SRT incoming closing",
      "SRT incoming opening",
      "Thumbnail outgoing opening",
      "WebRTC incoming closing",
      "WebRTC incoming opening",
      "WebRTC outgoing closing",
      "WebRTC outgoing opening",
    ]);
    for (const { question } of questions) expect(parseOmeUrl(question.request.url)).not.toBeNull();
  });

  test.each(
    questions.map(({ body, question }) => [
      `${question.request.protocol} ${question.request.direction} ${question.request.status} ${question.request.url}`,
      body,
    ]),
  )("%s", (_name, body) => {
    const question = parseQuestion(Buffer.from(body));
    if (question === null) throw new Error("not understood");
    const { request } = question;
    const url = parseOmeUrl(request.url);
    if (url === null) throw new Error("no stream in it");
    const isSrt = request.protocol === "SRT";
    // Over SRT a room has a name of its own: the recorded one is made that of this room.
    const key = isSrt ? url.stream.replace(/^srt-/, "") : url.stream;
    const asked = isSrt ? body.replaceAll(`/live/${url.stream}`, `/live/srt-${key}`) : body;
    const { admission, letIn } = scene([key], Date.parse(request.time));
    const answer = admission.answer(signed(asked));
    if (request.status === "closing") {
      expect(answer).toEqual({});
      return;
    }
    if (request.direction === "outgoing") {
      expect(answer).toMatchObject({ allowed: false }); // the names that were played are no tickets
      return;
    }
    const kept = url.query.has("direction") ? "?direction=whip" : "";
    const newUrl = `${url.scheme}://${url.host}/live/s-${key}${kept}`;
    expect(answer).toEqual({ allowed: true, new_url: newUrl });
    expect(letIn).toHaveLength(1);
    // Asked once more, byte for byte, it is a replay; under another room's names it is a wrong key.
    expect(admission.answer(signed(asked))).toBeNull();
    expect(scene(["another"], Date.parse(request.time)).admission.answer(signed(asked))).toMatchObject({
      allowed: false,
      reason: "unknown-key",
    });
  });

  test("a ticket in the place of the recorded names plays, keeps the file and the transport, and is good once", () => {
    for (const { body, question } of questions) {
      const { request } = question;
      if (request.direction !== "outgoing" || request.status !== "opening") continue;
      const now = Date.parse(request.time);
      const { admission, tickets, letIn } = scene(["k"], now);
      const url = parseOmeUrl(request.url);
      const ticketFor = () =>
        tickets.make("play", {
          roomId: "room of k",
          participantId: "p",
          node: "origin",
          sessionExpiresAt: now + 90_000,
        });
      const with_ = (ticket: string, query: string) =>
        body.replace(request.url, `${url?.scheme}://${url?.host}/live/${ticket}${url?.file}${query}`);
      const ticket = ticketFor();
      const answer = admission.answer(signed(with_(ticket, "?token=x&transport=tcp")));
      if (request.protocol === "Thumbnail") {
        expect(answer).toMatchObject({ allowed: false });
        continue;
      }
      expect(answer).toEqual({
        allowed: true,
        new_url: `${url?.scheme}://${url?.host}/live/s-k${url?.file}?transport=tcp`,
        lifetime: 90_000,
      });
      expect(letIn[0]).toMatchObject({ is: "viewer", who: { participantId: "p", node: "origin" } });
      expect(admission.answer(signed(with_(ticket, "")))).toMatchObject({ allowed: false });
    }
  });
});

type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly answer: string;
};

const exchanges: Exchange[] = files("api").flatMap((name) =>
  [...read(name).matchAll(/^>>> (\w+) (\S+)\n((?:.*\n)*?)<<< HTTP (\d+)$/gm)].map(
    ([, method = "", path = "", lines = "", status]) => ({
      method,
      path,
      status: Number(status),
      answer: lines.trimEnd().split("\n").at(-1) ?? "",
    }),
  ),
);

/** Our call that makes this one; null: we make none. */
function callFor({ method, path }: Exchange): ((rest: OmeRest) => Promise<unknown>) | null {
  const [, app = "", stream = ""] = /\/apps\/([^/:]+)(?:\/streams\/([^/:]+))?$/.exec(path) ?? [];
  const record = /\/apps\/([^/:]+):(\w+)$/.exec(path);
  if (method === "GET" && path === "/v1/version") return (rest) => rest.version();
  if (method === "GET" && path === "/v1/stats/current") return (rest) => rest.figures();
  if (method === "GET" && path.endsWith("/apps")) return (rest) => rest.apps();
  if (method === "GET" && path.startsWith("/v1/stats/") && stream !== "")
    return (rest) => rest.figuresOf(app, stream);
  if (method === "GET" && path.startsWith("/v1/vhosts/") && stream !== "")
    return (rest) => rest.stream(app, stream);
  if (method === "GET" && path.startsWith("/v1/vhosts/") && app !== "") return (rest) => rest.app(app);
  if (method === "GET" && path.endsWith("/streams")) return (rest) => rest.streams("app");
  if (method === "POST" && path.endsWith("/streams"))
    return (rest) => rest.pull("app", "pulled", "ovt://o:1/app/t1");
  if (method === "DELETE" && stream !== "") return (rest) => rest.endStream(app, stream);
  const wish = { id: "rec1", stream: "t1", filePath: "/a.mp4", infoPath: "/a.xml" };
  if (record?.[2] === "startRecord") return (rest) => rest.startRecord("app", wish);
  if (record?.[2] === "stopRecord") return (rest) => rest.stopRecord("app", "rec1");
  if (record?.[2] === "records") return (rest) => rest.records("app");
  return null;
}

describe("the REST API, as recorded", () => {
  let now: Exchange | null = null;
  let url = "";
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(now?.status ?? 500, { "content-type": "application/json;charset=UTF-8" });
      response.end(now?.answer);
    });
  });
  beforeAll(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  });
  afterAll(() => server.close());

  test("what we never ask of it is told apart from what we do", () => {
    const unasked = exchanges.filter((exchange) => callFor(exchange) === null);
    const kinds = new Set(unasked.map(({ method, path }) => `${method} ${path.replace(/^.*[/:]/, "")}`));
    expect([...kinds].sort()).toMatchInlineSnapshot(`
      [
        "DELETE app",
        "DELETE chan1",
        "DELETE room1",
        "DELETE rooms",
        "GET app",
        "GET chan1",
        "GET queues",
        "GET rooms",
        "GET scheduledChannels",
        "GET vhosts",
        "PATCH app",
        "PATCH room1",
        "POST apps",
        "POST concludeHlsLive",
        "POST hlsDumps",
        "POST pushes",
        "POST scheduledChannels",
        "POST sendEvent",
        "POST sendEvents",
        "POST startHlsDump",
        "POST startPush",
        "POST stopHlsDump",
        "POST stopPush",
        "POST vhosts",
      ]
    `);
    expect(exchanges.length - unasked.length).toBe(25);
  });

  test.each(
    exchanges
      .filter((exchange) => callFor(exchange) !== null)
      .map((exchange) => [`${exchange.method} ${exchange.path} ${exchange.status}`, exchange] as const),
  )("%s", async (_name, exchange) => {
    const call = callFor(exchange);
    if (call === null) return;
    now = exchange;
    const [, vhost = "default"] = /\/vhosts\/([^/]+)/.exec(exchange.path) ?? [];
    const rest = createOmeRest({ node: { name: "origin", apiUrl: url }, token: "ome-token", vhost });
    const answered = await call(rest).catch((error: unknown) => error);
    const said = JSON.parse(exchange.answer) as { message: string; response?: unknown };
    const isMissing = exchange.status === 404;
    if (exchange.status < 300) {
      const { response } = said;
      const expected = exchange.path === "/v1/version" ? "0.20.0" : response;
      expect(answered).toEqual(exchange.method === "DELETE" ? true : expected);
    } else if (isMissing && exchange.method === "DELETE") expect(answered).toBe(false);
    else if (isMissing && exchange.path.endsWith(":stopRecord")) expect(answered).toBeNull();
    else {
      expect(answered).toBeInstanceOf(OmeError);
      expect(answered).toMatchObject({ trouble: isMissing ? "missing" : "refused" });
      expect(String(answered)).toContain(said.message);
      expect(String(answered)).toContain("OvenMediaEngine origin");
    }
  });

  test("without the token it says so, and the message has no token in it", async () => {
    const [answer] = [...read("api-read.txt").matchAll(/^\{"message":"\[HTTP\] Authorization.*$/gm)].map(
      ([line]) => line,
    );
    now = { method: "GET", path: "/v1/version", status: 401, answer: answer ?? "" };
    const rest = createOmeRest({
      node: { name: "edge-1", apiUrl: url },
      token: "not-the-token",
      vhost: "default",
    });
    await expect(rest.version()).rejects.toMatchObject({
      trouble: "failing",
      message: expect.stringContaining("edge-1"),
    });
    await expect(rest.version()).rejects.not.toMatchObject({
      message: expect.stringContaining("not-the-token"),
    });
  });
});
