import { type Static, type TSchema, Type } from "typebox";
import { Check } from "typebox/value";
import { askService } from "../../net/ask-service.js";
import {
  Application,
  Figures,
  Names,
  type RecordState as OmeRecord,
  RecordState,
  RecordStates,
  StreamFacts,
  Version,
} from "./answers.js";
import type { OmeNode } from "./ome-config.js";

const DEADLINE_MS = 2_000;
const MAX_BODY_BYTES = 1024 * 1024; // a stream's facts are 4 kB

/** `away`: no answer. `failing`: an answer that helps nobody. `refused`: understood, and not done. `missing`: 404. */
export type OmeTrouble = "away" | "failing" | "refused" | "missing";

/** A call to a server's REST API that came to nothing; the message names the server, the call and what was wrong. */
export class OmeError extends Error {
  readonly trouble: OmeTrouble;

  constructor(trouble: OmeTrouble, node: string, call: string, why: string) {
    super(`OvenMediaEngine ${node}: ${call}: ${why}`);
    this.name = "OmeError";
    this.trouble = trouble;
  }
}

/** One server's REST API, as far as we use it. */
export type OmeRest = {
  version(): Promise<string>;
  /** Of the virtual host. */
  apps(): Promise<string[]>;
  app(app: string): Promise<Application>;
  streams(app: string): Promise<string[]>;
  stream(app: string, name: string): Promise<StreamFacts>;
  /** Of the whole server. */
  figures(): Promise<Figures>;
  figuresOf(app: string, name: string): Promise<Figures>;
  /** Ends a stream: its publisher is cut, or what is pulled is let go. False: it was not there. */
  endStream(app: string, name: string): Promise<boolean>;
  pull(app: string, name: string, from: string): Promise<void>;
  startRecord(
    app: string,
    wish: { id: string; stream: string; filePath: string; infoPath: string },
  ): Promise<OmeRecord>;
  /** Null: there is no such recording. */
  stopRecord(app: string, id: string): Promise<OmeRecord | null>;
  records(app: string): Promise<OmeRecord[]>;
};

type RestOptions = {
  readonly node: Pick<OmeNode, "name" | "apiUrl">;
  readonly token: string;
  readonly vhost: string;
};

const Envelope = Type.Object({
  message: Type.Optional(Type.String()),
  response: Type.Optional(Type.Unknown()),
});
const Nothing = Type.Unknown();

/** Each call within 2 s and 1 MiB, without following redirects; what comes back is checked. */
export function createOmeRest({ node, token, vhost }: RestOptions): OmeRest {
  const authorization = `Basic ${Buffer.from(token).toString("base64")}`;

  const ask = async <S extends TSchema>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<Static<S>> => {
    const call = `${method} ${path}`;
    const trouble = (kind: OmeTrouble, why: string): OmeError => new OmeError(kind, node.name, call, why);
    const { status, text } = await askService(node.apiUrl + path, {
      method,
      headers: { authorization },
      body,
      answerMs: DEADLINE_MS,
      maxBytes: MAX_BODY_BYTES,
    }).catch((error: unknown) => {
      throw trouble("away", whyAway(error));
    });
    const answer = jsonFrom(text);
    const said = Check(Envelope, answer) ? answer : null;
    if (status === 401) throw trouble("failing", "401: the AccessToken (OME_API_TOKEN) is not the server's");
    if (status === 404 && said !== null) throw trouble("missing", said.message ?? "404");
    if (status >= 400 && status < 500 && said !== null)
      throw trouble("refused", said.message ?? String(status));
    if (![200, 201, 207].includes(status)) throw trouble("failing", `answered ${status}`);
    if (!Check(schema, said?.response)) throw trouble("failing", "the answer is not in the form we know");
    return said?.response as Static<S>;
  };

  const appPath = (app: string): string =>
    `/vhosts/${encodeURIComponent(vhost)}/apps/${encodeURIComponent(app)}`;
  const streamPath = (app: string, name: string): string =>
    `${appPath(app)}/streams/${encodeURIComponent(name)}`;

  return {
    version: async () => (await ask("GET", "/v1/version", Version)).version,
    apps: () => ask("GET", `/v1/vhosts/${encodeURIComponent(vhost)}/apps`, Names),
    app: (app) => ask("GET", `/v1${appPath(app)}`, Application),
    streams: (app) => ask("GET", `/v1${appPath(app)}/streams`, Names),
    stream: (app, name) => ask("GET", `/v1${streamPath(app, name)}`, StreamFacts),
    figures: () => ask("GET", "/v1/stats/current", Figures),
    figuresOf: (app, name) => ask("GET", `/v1/stats/current${streamPath(app, name)}`, Figures),
    endStream: (app, name) =>
      ask("DELETE", `/v1${streamPath(app, name)}`, Nothing).then(() => true, unlessMissing(false)),
    pull: async (app, name, from) => {
      await ask("POST", `/v1${appPath(app)}/streams`, Nothing, { name, urls: [from] });
    },
    startRecord: (app, { id, stream, filePath, infoPath }) => {
      const wish = { id, stream: { name: stream }, filePath, infoPath };
      return ask("POST", `/v1${appPath(app)}:startRecord`, RecordState, wish);
    },
    stopRecord: (app, id) =>
      ask("POST", `/v1${appPath(app)}:stopRecord`, RecordState, { id }).catch(unlessMissing(null)),
    records: (app) => ask("POST", `/v1${appPath(app)}:records`, RecordStates, {}),
  };
}

/** Takes 404 for an answer. */
export function unlessMissing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof OmeError && error.trouble === "missing") return otherwise;
    throw error;
  };
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function whyAway(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${DEADLINE_MS} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
