import { once } from "node:events";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import type { OmeAdmission, OmeAnswer } from "../engine/ovenmediaengine/admission.js";
import { parseOmeUrl } from "../engine/ovenmediaengine/names.js";
import { signatureOf } from "../engine/ovenmediaengine/question.js";

/** How a stand-in's REST API does: as recorded, with 500 to everything, or without ever answering. */
export type OmeHealth = "ok" | "failing" | "hanging";

/** Somebody who publishes to a stand-in. */
export type StandInPublisher = {
  readonly name: string;
  isLive(): boolean;
  /** Its pictures stop; the connection stays. */
  freeze(): void;
  stop(): void;
};

/** Somebody who watches at a stand-in. */
export type StandInViewer = { readonly name: string; isWatching(): boolean; stop(): void };

/**
 * A server in OvenMediaEngine's place: it asks admission in the recorded form, signed, and answers REST in the recorded
 * envelopes. What it does with streams, names and recordings is what was recorded of the real one.
 */
export type RecordedOme = {
  readonly apiUrl: string;
  health: OmeHealth;
  /** Null: denied, or the name is live (asked all the same, and closed). */
  publish(
    url: string,
    protocol?: "RTMP" | "SRT" | "WebRTC",
    address?: string,
  ): Promise<StandInPublisher | null>;
  /** Null: denied, or there is no such stream. */
  play(url: string, protocol?: "WebRTC" | "LLHLS", address?: string): StandInViewer | null;
  /** An edge: it has this stream from the origin, which asks nobody. */
  pull(name: string): void;
  /** What it was asked by REST, the latest last. */
  readonly asked: string[];
  /** Its process ends, with all that it knows. */
  kill(): Promise<void>;
  /** It starts anew at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
};

type Stream = {
  readonly app: string;
  readonly sourceType: string;
  readonly address: string;
  readonly createdTime: string;
  bytes: number;
  isFrozen: boolean;
  readonly viewers: Map<StandInViewer, "webrtc" | "llhls">;
};
type Recording = {
  readonly id: string;
  readonly stream: string;
  readonly path: string;
  state: string;
  bytes: number;
};

/** What a stand-in is made over. */
export type RecordedOmeOptions = {
  readonly secret: string;
  readonly token: string;
  /** Read late: an engine is made with the stand-in's address. */
  readonly admission: () => OmeAdmission;
  /** The File publisher's root. */
  readonly folder: string;
};

/** Starts one on a free port. */
export async function startRecordedOme(options: RecordedOmeOptions): Promise<RecordedOme> {
  const streams = new Map<string, Stream>();
  const records = new Map<string, Recording>();
  const asked: string[] = [];
  const held = new Set<ServerResponse>();
  let server: Server | null = null;
  let port = 0;
  let clientPort = 40_000;
  let lastTime = 0;

  /** Two publishes are never of one millisecond. */
  const timeNow = (): string => {
    lastTime = Math.max(Date.now(), lastTime + 1);
    return new Date(lastTime).toISOString().replace("Z", "+00:00");
  };
  const ask = (
    what: {
      direction: "incoming" | "outgoing";
      protocol: string;
      url: string;
      status: "opening" | "closing";
    },
    address: string,
  ): OmeAnswer | null => {
    clientPort += 1;
    const client = { address, port: clientPort, real_ip: address };
    const { direction, protocol, status, url } = what;
    const body = Buffer.from(
      JSON.stringify({ client, request: { direction, protocol, status, time: timeNow(), url } }),
    );
    return options.admission().answer({ body, signature: signatureOf(body, options.secret) });
  };
  const admitted = (what: Omit<Parameters<typeof ask>[0], "status">, address: string) => {
    const answer = ask({ ...what, status: "opening" }, address);
    return answer?.allowed === true ? parseOmeUrl(answer.new_url ?? what.url) : null;
  };

  const keyOf = (app: string, name: string): string => `${app}/${name}`;
  const endStream = (key: string): boolean => {
    const stream = streams.get(key);
    if (stream === undefined) return false;
    for (const viewer of [...stream.viewers.keys()]) viewer.stop();
    for (const record of records.values())
      if (key.endsWith(`/${record.stream}`) && record.state === "recording") void finish(record);
    return streams.delete(key);
  };
  const finish = async (record: Recording): Promise<void> => {
    record.state = "ready";
    const path = join(options.folder, record.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.tmp`, Buffer.alloc(record.bytes));
    await rename(`${path}.tmp`, path);
  };

  const figuresOf = (all: readonly Stream[]) => {
    const connections = { file: 0, hlsv3: 0, llhls: 0, ovt: 0, push: 0, srt: 0, thumbnail: 0, webrtc: 0 };
    let totalBytesIn = 0;
    for (const stream of all) {
      if (!stream.isFrozen) stream.bytes += 50_000;
      totalBytesIn += stream.bytes;
      for (const kind of stream.viewers.values()) connections[kind] += 1;
    }
    const time = all[0]?.createdTime ?? "2026-11-22T16:02:04.164+00:00";
    return {
      avgThroughputIn: 1_118_312,
      avgThroughputOut: 0,
      connections,
      createdTime: time,
      lastRecvTime: time,
      totalBytesIn,
      totalBytesOut: 0,
    };
  };
  const factsOf = (name: string, { createdTime, sourceType, address }: Stream) => ({
    input: {
      createdTime,
      sourceType,
      sourceUrl: `TCP://${address}:50762`,
      tracks: [
        {
          id: 0,
          name: "Video",
          type: "Video",
          video: {
            bitrate: 976_000,
            bitrateLatest: 981_083,
            codec: "H264",
            framerate: 24.0,
            framerateLatest: 24.0,
            hasBframes: false,
            height: 360,
            keyFrameInterval: 20.166666030883789,
            keyFrameIntervalLatest: 24.0,
            width: 640,
          },
        },
        {
          audio: { bitrate: 125_000, bitrateLatest: 130_509, channel: 2, codec: "AAC", samplerate: 48_000 },
          id: 1,
          name: "Audio",
          type: "Audio",
        },
        { id: 2, name: "Data", type: "Data" },
      ],
    },
    name,
    outputs: [],
  });
  const recordOf = ({ id, state, stream, bytes }: Recording) => ({
    app: "app",
    createdTime: "2026-11-22T16:06:14.648+00:00",
    id,
    isConfig: false,
    recordBytes: bytes,
    recordTime: bytes / 100,
    startTime: new Date().toISOString(),
    state,
    stream: { name: stream, trackIds: [], variantNames: [] },
    vhost: "default",
  });

  type Said = { readonly status: number; readonly response?: unknown; readonly message?: string };
  const ok = (response?: unknown): Said => ({ status: 200, response });
  const missing = (what: string): Said => ({ status: 404, message: `[HTTP] Could not find ${what} (404)` });

  const appCall = async (
    app: string,
    rest: string,
    method: string,
    body: Record<string, unknown>,
  ): Promise<Said> => {
    const ofApp = [...streams].filter(([, stream]) => stream.app === app);
    const name = /^\/streams\/(.+)$/.exec(rest)?.[1] ?? "";
    const key = keyOf(app, decodeURIComponent(name));
    const stream = streams.get(key);
    if (rest === "") return ok({ name: app, outputProfiles: { outputProfile: [{ name: "bypass" }] } });
    if (rest === "/streams" && method === "GET") return ok(ofApp.map(([one]) => one.slice(app.length + 1)));
    if (rest === "/streams") {
      add(app, String(body["name"]), "Ovt", "127.0.0.1");
      return { status: 201, message: "Created" };
    }
    if (rest === ":records") return ok([...records.values()].map(recordOf));
    if (rest === ":startRecord") {
      const { id, filePath, stream: of } = body as { id: string; filePath: string; stream: { name: string } };
      if (records.has(id)) return { status: 400, message: "[HTTP] Duplicate ID already exists (400)" };
      const state = streams.has(keyOf(app, of.name)) ? "recording" : "ready";
      const path = filePath.replace(/\$\{Sequence\}/, "0");
      const record: Recording = { id, stream: of.name, path, state, bytes: 491_295 };
      records.set(id, record);
      return ok(recordOf(record));
    }
    if (rest === ":stopRecord") {
      const record = records.get(String(body["id"]));
      if (record === undefined) return missing("record information");
      records.delete(record.id);
      if (record.state === "recording") await finish(record);
      return ok({ ...recordOf(record), state: "stopping" });
    }
    if (stream === undefined) return missing(`the stream: [default/#default#${key}]`);
    if (method === "GET") return ok(factsOf(name, stream));
    endStream(key);
    return ok();
  };

  const answer = async (method: string, path: string, body: Record<string, unknown>): Promise<Said> => {
    if (path === "/v1/version") return ok({ gitVersion: "(From archive)", version: "0.20.0" });
    if (path === "/v1/stats/current") return ok(figuresOf([...streams.values()]));
    if (path === "/v1/vhosts/default/apps") return ok(["app", "universal"]);
    const [, figures, app = "", rest = ""] =
      /^\/v1(\/stats\/current)?\/vhosts\/default\/apps\/([^/:]+)([/:].*)?$/.exec(path) ?? [];
    if (app !== "app" && app !== "universal") return missing("the application");
    if (figures === undefined) return appCall(app, rest, method, body);
    const stream = streams.get(keyOf(app, decodeURIComponent(rest.replace("/streams/", ""))));
    return stream === undefined ? missing("the stream") : ok(figuresOf([stream]));
  };

  const add = (app: string, name: string, sourceType: string, address: string): Stream => {
    const viewers = new Map<StandInViewer, "webrtc" | "llhls">();
    const stream = { app, sourceType, address, createdTime: timeNow(), bytes: 0, isFrozen: false, viewers };
    streams.set(keyOf(app, name), stream);
    return stream;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += part;
    const { method = "GET", url = "" } = request;
    if (ome.health === "hanging") {
      held.add(response);
      return;
    }
    asked.push(`${method} ${url}`);
    const isAllowed =
      request.headers.authorization === `Basic ${Buffer.from(options.token).toString("base64")}`;
    const said =
      ome.health === "failing"
        ? { status: 500, message: "[HTTP] Internal error (500)" }
        : isAllowed
          ? await answer(method, url, text === "" ? {} : (JSON.parse(text) as Record<string, unknown>))
          : { status: 401, message: "[HTTP] Authorization header is required to call API (401)" };
    const { status, message = "OK" } = said;
    response.writeHead(status, { "content-type": "application/json;charset=UTF-8" });
    response.end(
      JSON.stringify({ message, ...("response" in said && { response: said.response }), statusCode: status }),
    );
  };

  const listen = async (): Promise<void> => {
    server = createServer((request, response) => void serve(request, response));
    await once(server.listen(port, "127.0.0.1"), "listening");
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  };
  const end = async (): Promise<void> => {
    for (const key of [...streams.keys()]) endStream(key);
    records.clear();
    for (const response of held) response.destroy();
    held.clear();
    const closing = server;
    server = null;
    closing?.closeAllConnections();
    if (closing !== null) await new Promise((resolve) => closing.close(resolve));
  };
  await listen();

  const ome: RecordedOme = {
    apiUrl: `http://127.0.0.1:${port}`,
    health: "ok",
    asked,
    publish: async (url, protocol = "RTMP", address = "127.0.0.1") => {
      const to = server === null ? null : admitted({ direction: "incoming", protocol, url }, address);
      if (to === null) return null;
      const key = keyOf(to.app, to.stream);
      // The name is looked at when the first pictures have come: 0.1 to 0.5 s after admission.
      for (let tries = 0; streams.has(key) && tries < 10; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 30));
      if (streams.has(key)) {
        ask({ direction: "incoming", protocol, url, status: "closing" }, address);
        return null;
      }
      const sourceType = { RTMP: "Rtmp", SRT: "Srt", WebRTC: "WebRTC" }[protocol];
      const stream = add(to.app, to.stream, sourceType, address);
      return {
        name: to.stream,
        isLive: () => streams.get(key) === stream,
        freeze: () => {
          stream.isFrozen = true;
        },
        stop: () => {
          if (streams.get(key) !== stream) return;
          endStream(key);
          if (server !== null) ask({ direction: "incoming", protocol, url, status: "closing" }, address);
        },
      };
    },
    play: (url, protocol = "WebRTC", address = "127.0.0.1") => {
      const of = server === null ? null : admitted({ direction: "outgoing", protocol, url }, address);
      const stream = of === null ? undefined : streams.get(keyOf(of.app, of.stream));
      if (of === null || stream === undefined) return null;
      const viewer: StandInViewer = {
        name: of.stream,
        isWatching: () => stream.viewers.has(viewer),
        stop: () => {
          stream.viewers.delete(viewer);
        },
      };
      stream.viewers.set(viewer, protocol === "WebRTC" ? "webrtc" : "llhls");
      return viewer;
    },
    pull: (name) => {
      add("app", name, "Ovt", "127.0.0.1");
    },
    kill: end,
    start: listen,
    close: end,
  };
  return ome;
}
