import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PeerAddress, Verdict } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { Stream } from "../../hub/stream.js";
import type { Streams } from "../../hub/streams.js";
import { bearerOf, expectType, readBody } from "../../net/http/body.js";
import { type Answer, clientAddress, nothingHere } from "../../net/http/local-http.js";
import { RequestProblem } from "../../net/http/problem.js";
import type { UdpPort } from "../../transport/udp-port.js";
import { MAX_SDP_BYTES, parseSdp } from "../../wire/rtp/sdp.js";
import { createPacketRing, type PacketRing } from "./packet-ring.js";
import { notLive, openResource, type Resource } from "./resource.js";

/** All viewers of the engine: above it one core does not send 12 Mb/s to each of them. */
const MAX_VIEWERS = 200;
/** A whole studio behind one address. */
const MAX_VIEWERS_PER_ADDRESS = 50;
/** Answered and not yet connected, of one address. */
const MAX_CONNECTING_PER_ADDRESS = 16;

/** The product answers from memory within 50 ms; admission waits for one that restarts, and this for admission. */
const ADMISSION_MS = 12_000;

const SESSION_ID_BYTES = 16;
const MAX_FRAGMENT_BYTES = 16 * 1024;

const SESSION_ID = /^[A-Za-z0-9_-]{22}$/; // SESSION_ID_BYTES in base64url
const FRAGMENT_TYPE = "application/trickle-ice-sdpfrag";

/** The one thing of a logger that is needed here. */
export type Log = { info(about: object, text: string): void; warn(about: object, text: string): void };

/** What WHEP needs. The clock is the hub's, in milliseconds, so that pictures' arrival times can be compared with it. */
export type WhepOptions = {
  /** The port that all viewers share; it stays the caller's to close. */
  readonly udp: UdpPort;
  readonly mayPlay: (ticket: string, from: PeerAddress) => Promise<Verdict>;
  readonly streams: Streams;
  readonly log: Log;
  readonly clock: Clock;
};

/** WHEP as main.ts holds it. */
export type Whep = {
  /** What is asked of `/whep` and below it. */
  readonly answer: Answer;
  /** Ends a participant's sessions; gives how many. */
  disconnectViewer(viewer: string): number;
  disconnectStream(stream: string): number;
  /** Ends all sessions. */
  close(): void;
};

type Session = {
  readonly stream: string;
  readonly viewer: string | null;
  readonly address: string;
  /** Null while it is being answered. */
  resource: Resource | null;
  isConnected: boolean;
};

/** Serves viewers: draft-ietf-wish-whep over HTTP, media over one UDP port. */
export function createWhep(options: WhepOptions): Whep {
  const { streams, log, mayPlay, udp, clock } = options;
  const sessions = new Map<string, Session>();
  const rings = new WeakMap<Stream, PacketRing>();

  const ringOf = (stream: Stream): PacketRing => {
    const ring = rings.get(stream) ?? createPacketRing(clock);
    rings.set(stream, ring);
    return ring;
  };

  const endWhere = (isMeant: (session: Session) => boolean): number => {
    let ended = 0;
    for (const [id, session] of sessions) {
      if (!isMeant(session)) continue;
      sessions.delete(id);
      session.resource?.close();
      ended += 1;
    }
    return ended;
  };

  const checkLimits = (address: string) => {
    const full = (message: string) =>
      new RequestProblem(503, "too_many_viewers", message, { "retry-after": "5" });
    if (sessions.size >= MAX_VIEWERS) throw full(`the engine has ${MAX_VIEWERS} viewers, which is its limit`);
    const ofAddress = [...sessions.values()].filter((session) => session.address === address);
    if (ofAddress.length >= MAX_VIEWERS_PER_ADDRESS) {
      throw full(`${MAX_VIEWERS_PER_ADDRESS} viewers from one address is the limit`);
    }
    if (ofAddress.filter(({ isConnected }) => !isConnected).length >= MAX_CONNECTING_PER_ADDRESS) {
      throw new RequestProblem(429, "too_many_attempts", "too many sessions that did not connect", {
        "retry-after": "10",
      });
    }
  };

  const admit = async (ticket: string, address: string) => {
    const verdict = await beforeDeadline(mayPlay(ticket, { address, protocol: "whep" }), clock);
    if (verdict.allowed) return verdict;
    switch (verdict.reason) {
      case "address-blocked":
        throw new RequestProblem(403, "address_blocked", "this address may not watch");
      case "not-ready":
        throw new RequestProblem(503, "not_ready", "tickets cannot be checked just now", {
          "retry-after": "1",
        });
      default:
        throw new RequestProblem(401, "invalid_ticket", "the ticket is not valid or no longer", AUTHENTICATE);
    }
  };

  const post = async (request: IncomingMessage, response: ServerResponse) => {
    const ticket = ticketOf(request);
    expectType(request, "application/sdp");
    const address = clientAddress(request);
    checkLimits(address);
    const body = await readBody(request, MAX_SDP_BYTES);
    const verdict = await admit(ticket, address); // before the offer is parsed: a stranger's bytes reach no parser
    const offer = parseSdp(body);
    const stream = streams.find(verdict.stream);
    if (stream === null) throw notLive();
    checkLimits(address);

    const id = randomBytes(SESSION_ID_BYTES).toString("base64url");
    const session: Session = {
      stream: verdict.stream,
      viewer: verdict.viewer,
      address,
      resource: null,
      isConnected: false,
    };
    sessions.set(id, session);
    const about = { session: id.slice(0, 4), stream: verdict.stream, viewer: verdict.viewer, address };
    try {
      session.resource = await openResource(offer, {
        stream,
        ring: ringOf(stream),
        udp,
        clock,
        random: randomBytes,
        ticket,
        lifetimeMs: verdict.lifetimeMs,
        connected() {
          session.isConnected = true;
          log.info(about, "viewer connected");
        },
        ended(reason) {
          sessions.delete(id);
          log.info({ ...about, reason }, "viewer ended");
        },
      });
    } catch (error) {
      sessions.delete(id);
      throw error;
    }
    // Disconnected by the product while ICE was being gathered.
    if (sessions.get(id) !== session) {
      session.resource.close();
      throw new RequestProblem(403, "disconnected", "the viewer was disconnected");
    }
    response.writeHead(201, {
      "content-type": "application/sdp",
      location: `/whep/${id}`,
      etag: session.resource.etag,
      "accept-patch": FRAGMENT_TYPE,
      "cache-control": "no-store",
    });
    response.end(session.resource.answer);
  };

  const ownSession = (id: string, request: IncomingMessage): { session: Session; resource: Resource } => {
    const ticket = ticketOf(request);
    const session = sessions.get(id);
    if (session?.resource == null) throw new RequestProblem(404, "not_found", "there is no such session");
    if (!session.resource.isOwner(ticket)) {
      throw new RequestProblem(403, "not_yours", "the session was made with another ticket");
    }
    return { session, resource: session.resource };
  };

  const patch = async (id: string, request: IncomingMessage, response: ServerResponse) => {
    const { resource } = ownSession(id, request);
    expectType(request, FRAGMENT_TYPE);
    const match = request.headers["if-match"];
    if (match !== undefined && match !== "*" && match !== resource.etag) {
      throw new RequestProblem(412, "precondition_failed", `expected if-match ${resource.etag}`);
    }
    resource.patch(await readBody(request, MAX_FRAGMENT_BYTES));
    response.writeHead(204, { etag: resource.etag }).end();
  };

  const answer: Answer = async (rest, request, response) => {
    const isEndpoint = rest === "";
    if (!isEndpoint && !SESSION_ID.test(rest)) throw nothingHere();
    const allowed = isEndpoint ? "POST, OPTIONS" : "PATCH, DELETE, OPTIONS";
    const { method = "" } = request;
    if (method === "OPTIONS") {
      const accepts = isEndpoint ? { "accept-post": "application/sdp" } : { "accept-patch": FRAGMENT_TYPE };
      response.writeHead(204, { allow: allowed, ...accepts }).end();
    } else if (isEndpoint && method === "POST") {
      await post(request, response);
    } else if (!isEndpoint && method === "PATCH") {
      await patch(rest, request, response);
    } else if (!isEndpoint && method === "DELETE") {
      const { resource } = ownSession(rest, request);
      sessions.delete(rest);
      resource.close();
      response.writeHead(200).end();
    } else {
      throw new RequestProblem(405, "method_not_allowed", `${method}: expected ${allowed}`, {
        allow: allowed,
      });
    }
  };

  return {
    answer,
    disconnectViewer: (viewer) => endWhere((session) => session.viewer === viewer),
    disconnectStream: (stream) => endWhere((session) => session.stream === stream),
    close: () => void endWhere(() => true),
  };
}

const AUTHENTICATE = { "www-authenticate": "Bearer" };

function ticketOf(request: IncomingMessage): string {
  const ticket = bearerOf(request);
  if (ticket !== null) return ticket;
  throw new RequestProblem(401, "no_ticket", "expected authorization: Bearer <ticket>", AUTHENTICATE);
}

async function beforeDeadline(asked: Promise<Verdict>, clock: Clock): Promise<Verdict> {
  let stop = () => {};
  const deadline = new Promise<Verdict>((resolve) => {
    stop = clock.after(ADMISSION_MS, () => resolve({ allowed: false, reason: "not-ready" }));
  });
  try {
    return await Promise.race([asked, deadline]);
  } finally {
    stop();
  }
}
