import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PeerAddress, Verdict } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { Stream } from "../../hub/stream.js";
import type { Streams } from "../../hub/streams.js";
import { bearerOf } from "../../net/http/body.js";
import { type Answer, clientAddress } from "../../net/http/local-http.js";
import { RequestProblem } from "../../net/http/problem.js";
import { wrongToken } from "../../transport/endpoint.js";
import { admitViewer } from "../admit-viewer.js";
import { createPackager, type Packager } from "./packager.js";
import { serveFile } from "./serve.js";

/** All viewers of the engine, and a whole studio behind one address: as over WHEP. */
const MAX_SESSIONS = 200;
const MAX_SESSIONS_PER_ADDRESS = 50;

/** Tickets of one address that are being asked about. */
const MAX_OPENING_PER_ADDRESS = 16;

/** A player asks for a playlist and a part at a time, and for the next ones ahead. */
const MAX_REQUESTS_PER_SESSION = 12;

/** A player that asks for nothing has gone. */
const IDLE_MS = 30_000;

/** After the last viewer a stream is packaged for so long: one who reloads the page is there at once. */
const LINGER_MS = 30_000;

const CHECK_MS = 1000;

const SESSION_ID_BYTES = 16;
const BELOW_SESSION = /^([A-Za-z0-9_-]{22})(?:\/([A-Za-z0-9.-]{1,64}))?$/; // SESSION_ID_BYTES in base64url
const FILE_METHODS = "GET, HEAD, OPTIONS";
const SESSION_METHODS = "DELETE, OPTIONS";

/** What LL-HLS needs. */
export type LlHlsOptions = {
  readonly mayPlay: (ticket: string, from: PeerAddress) => Promise<Verdict>;
  readonly streams: Streams;
  readonly log: {
    info(about: object, text: string): void;
    warn(about: object, text: string): void;
  };
  readonly clock: Clock;
};

/** LL-HLS as main.ts holds it. */
export type LlHls = {
  /** What is asked of `/hls` and below it. */
  readonly answer: Answer;
  /** Ends a participant's sessions; gives how many. */
  disconnectViewer(viewer: string): number;
  disconnectStream(stream: string): number;
  close(): void;
};

type Watched = { readonly packager: Packager; viewers: number; lonelyMs: number };

type Session = {
  readonly id: string;
  readonly stream: string;
  readonly viewer: string | null;
  readonly address: string;
  readonly watched: Watched;
  readonly endsMs: number;
  readonly stopCounting: () => void;
  lastMs: number;
  requests: number;
  isOver: boolean;
};

/**
 * Serves viewers whom WebRTC does not reach: RFC 8216bis with parts. A ticket opens a session once; after that its address
 * is the secret, as players of the operating system send no headers of ours.
 */
export function createLlHls({ mayPlay, streams, log, clock }: LlHlsOptions): LlHls {
  const sessions = new Map<string, Session>();
  const watchedStreams = new Map<Stream, Watched>();
  const opening = new Map<string, number>();
  let stopCheck: (() => void) | null = null;

  const end = (session: Session, reason: string) => {
    if (session.isOver) return;
    session.isOver = true;
    sessions.delete(session.id);
    session.stopCounting();
    session.watched.viewers -= 1;
    session.watched.lonelyMs = clock.now();
    session.watched.packager.wake(); // whoever waits for something in this session waits no longer
    log.info({ ...aboutOf(session), reason }, "HLS viewer ended");
  };

  const endWhere = (isMeant: (session: Session) => boolean, reason: string): number => {
    const meant = [...sessions.values()].filter(isMeant);
    for (const session of meant) end(session, reason);
    return meant.length;
  };

  const check = () => {
    const now = clock.now();
    endWhere(({ requests, lastMs }) => requests === 0 && now - lastMs >= IDLE_MS, "it asks for nothing");
    endWhere(({ endsMs }) => now >= endsMs, "its time is over");
    for (const [stream, { packager, viewers, lonelyMs }] of watchedStreams) {
      if (viewers > 0 || now - lonelyMs < LINGER_MS) continue;
      packager.close();
      watchedStreams.delete(stream);
    }
    stopCheck = sessions.size + watchedStreams.size > 0 ? clock.after(CHECK_MS, check) : null;
  };

  const checkLimits = (address: string) => {
    const full = (message: string) =>
      new RequestProblem(503, "too_many_viewers", message, { "retry-after": "5" });
    if (sessions.size >= MAX_SESSIONS) {
      throw full(`the engine has ${MAX_SESSIONS} HLS viewers, which is its limit`);
    }
    const ofAddress = [...sessions.values()].filter((session) => session.address === address);
    if (ofAddress.length >= MAX_SESSIONS_PER_ADDRESS) {
      throw full(`${MAX_SESSIONS_PER_ADDRESS} HLS viewers from one address is the limit`);
    }
  };

  const admit = async (ticket: string, address: string) => {
    const underWay = opening.get(address) ?? 0;
    if (underWay >= MAX_OPENING_PER_ADDRESS) {
      throw new RequestProblem(429, "too_many_attempts", "too many tickets at a time", {
        "retry-after": "1",
      });
    }
    opening.set(address, underWay + 1);
    try {
      return await admitViewer(mayPlay, ticket, { address, protocol: "hls" }, clock);
    } finally {
      const left = (opening.get(address) ?? 1) - 1;
      if (left === 0) opening.delete(address);
      else opening.set(address, left);
    }
  };

  const watch = (stream: Stream): Watched => {
    const known = watchedStreams.get(stream);
    if (known !== undefined && !known.packager.isEnded()) return known;
    const refused = (reason: string) =>
      log.warn({ stream: stream.name, reason }, "a stream cannot be served over HLS");
    const watched = { packager: createPackager(stream, clock, refused), viewers: 0, lonelyMs: clock.now() };
    watchedStreams.set(stream, watched);
    return watched;
  };

  const post = async (request: IncomingMessage, response: ServerResponse) => {
    const ticket = bearerOf(request);
    if (ticket === null) throw wrongToken("no_ticket", "expected authorization: Bearer <ticket>");
    const address = clientAddress(request);
    checkLimits(address);
    const admitted = await admit(ticket, address);
    checkLimits(address);
    const stream = streams.find(admitted.stream);
    if (stream?.videoFormat() == null) throw notLive();

    const watched = watch(stream);
    watched.viewers += 1;
    const session: Session = {
      id: randomBytes(SESSION_ID_BYTES).toString("base64url"),
      stream: admitted.stream,
      viewer: admitted.viewer,
      address,
      watched,
      endsMs: admitted.lifetimeMs === null ? Number.POSITIVE_INFINITY : clock.now() + admitted.lifetimeMs,
      stopCounting: stream.countViewer(),
      lastMs: clock.now(),
      requests: 0,
      isOver: false,
    };
    sessions.set(session.id, session);
    stopCheck ??= clock.after(CHECK_MS, check);
    log.info(aboutOf(session), "HLS viewer connected");
    response.writeHead(201, {
      location: `/hls/${session.id}/index.m3u8`,
      "content-length": 0,
      "cache-control": "no-store",
    });
    response.end();
  };

  const serve = async (
    session: Session,
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    if (session.requests >= MAX_REQUESTS_PER_SESSION) {
      throw new RequestProblem(429, "too_many_requests", "too many requests at a time", {
        "retry-after": "1",
      });
    }
    session.requests += 1;
    session.lastMs = clock.now();
    try {
      const { packager } = session.watched;
      await serveFile(name, { packager, clock, isOver: () => session.isOver }, request, response);
    } finally {
      session.requests -= 1;
      session.lastMs = clock.now();
    }
  };

  const answer: Answer = async (rest, request, response) => {
    const { method = "" } = request;
    const [, id, name] = BELOW_SESSION.exec(rest) ?? [];
    const session = id === undefined ? undefined : sessions.get(id);
    if (rest !== "" && session === undefined) throw noSession();
    const allowed = rest === "" ? "POST, OPTIONS" : name === undefined ? SESSION_METHODS : FILE_METHODS;
    if (method === "OPTIONS") {
      response.writeHead(204, { allow: allowed }).end();
    } else if (!allowed.split(", ").includes(method)) {
      throw new RequestProblem(405, "method_not_allowed", `${method}: expected ${allowed}`, {
        allow: allowed,
      });
    } else if (session === undefined) {
      await post(request, response);
    } else if (name === undefined) {
      end(session, "it left");
      response.writeHead(200, { "content-length": 0, "cache-control": "no-store" }).end();
    } else {
      await serve(session, name, request, response);
    }
  };

  return {
    answer,
    disconnectViewer: (viewer) => endWhere((session) => session.viewer === viewer, "disconnected"),
    disconnectStream: (stream) => endWhere((session) => session.stream === stream, "disconnected"),
    close() {
      stopCheck?.();
      stopCheck = null;
      endWhere(() => true, "the engine stops");
      for (const { packager } of watchedStreams.values()) packager.close();
      watchedStreams.clear();
    },
  };
}

/** For the log: never the whole id, which is the secret. */
function aboutOf({ id, stream, viewer, address }: Session): object {
  return { session: id.slice(0, 4), stream, viewer, address };
}

/** The product counts these of each address: somebody may be guessing. */
function noSession(): RequestProblem {
  return new RequestProblem(404, "not_found", "there is no such session", { "x-no-session": "1" });
}

function notLive(): RequestProblem {
  return new RequestProblem(409, "not_live", "the stream is not live", { "retry-after": "1" });
}
