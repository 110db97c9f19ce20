import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Verdict } from "../control/protocol.js";
import { bearerOf, expectType, readBody } from "../net/http/body.js";
import { type Answer, clientAddress, nothingHere } from "../net/http/local-http.js";
import { RequestProblem } from "../net/http/problem.js";
import type { Disagreement } from "../wire/rtp/negotiation.js";
import { MAX_SDP_BYTES, parseSdp, type SessionDescription } from "../wire/rtp/sdp.js";
import type { Association } from "./association.js";

// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) over HTTP: an offer makes a session, which its token changes and ends.

const SESSION_ID_BYTES = 16;
const SESSION_ID = /^[A-Za-z0-9_-]{22}$/; // SESSION_ID_BYTES in base64url
const MAX_FRAGMENT_BYTES = 16 * 1024;
const FRAGMENT_TYPE = "application/trickle-ice-sdpfrag";

/** The one thing of a logger that is needed here. */
export type EndpointLog = { info(about: object, text: string): void };

/** Admission's word for one that may come in. */
export type Admitted = Extract<Verdict, { allowed: true }>;

/** Who asks, with what. */
export type Asked = {
  readonly token: string;
  readonly address: string;
  /** User-Agent; empty when it was not said. */
  readonly agent: string;
};

/** A session as it is opened. */
export type Opening = Asked & {
  readonly offer: SessionDescription;
  readonly admitted: Admitted;
  connected(): void;
  ended(reason: string): void;
};

/** What makes one endpoint another. */
export type EndpointOptions = {
  /** First word of its paths. */
  readonly name: "whep" | "whip";
  /** Who comes, in the plural and singular of messages. */
  readonly people: string;
  readonly person: string;
  readonly limits: {
    readonly sessions: number;
    readonly ofAddress: number;
    /** Answered and not yet connected, of one address. */
    readonly connectingOfAddress: number;
  };
  readonly log: EndpointLog;
  /** Before the offer is read: throws a `RequestProblem` for whom it does not let in. */
  admit(asked: Asked): Promise<Admitted>;
  /** Answers the offer; throws a `RequestProblem` when it cannot. */
  open(opening: Opening): Promise<{ readonly association: Association; readonly answer: string }>;
};

/** One endpoint and the sessions behind it. */
export type Endpoint = {
  readonly answer: Answer;
  /** Ends the sessions that are meant; gives how many. */
  endWhere(
    isMeant: (session: { readonly stream: string; readonly viewer: string | null }) => boolean,
  ): number;
};

type Session = {
  readonly stream: string;
  readonly viewer: string | null;
  readonly address: string;
  /** Null while it is being answered. */
  association: Association | null;
  isConnected: boolean;
};

/** Starts without sessions. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { name, people, person, limits, log } = options;
  const sessions = new Map<string, Session>();

  const checkLimits = (address: string) => {
    const full = (message: string) =>
      new RequestProblem(503, `too_many_${people}`, message, { "retry-after": "5" });
    if (sessions.size >= limits.sessions) {
      throw full(`the engine has ${limits.sessions} ${people}, which is its limit`);
    }
    const ofAddress = [...sessions.values()].filter((session) => session.address === address);
    if (ofAddress.length >= limits.ofAddress) {
      throw full(`${limits.ofAddress} ${people} from one address is the limit`);
    }
    if (ofAddress.filter(({ isConnected }) => !isConnected).length >= limits.connectingOfAddress) {
      throw new RequestProblem(429, "too_many_attempts", "too many sessions that did not connect", {
        "retry-after": "10",
      });
    }
  };

  const post = async (request: IncomingMessage, response: ServerResponse) => {
    const token = tokenOf(request);
    expectType(request, "application/sdp");
    const address = clientAddress(request);
    checkLimits(address);
    const body = await readBody(request, MAX_SDP_BYTES);
    const asked: Asked = { token, address, agent: request.headers["user-agent"] ?? "" };
    const admitted = await options.admit(asked); // before the offer is parsed: a stranger's bytes reach no parser
    const offer = parseSdp(body);
    checkLimits(address);

    const id = randomBytes(SESSION_ID_BYTES).toString("base64url");
    const { stream, viewer } = admitted;
    const session: Session = { stream, viewer, address, association: null, isConnected: false };
    sessions.set(id, session);
    const about = { session: id.slice(0, 4), stream, viewer, address };
    try {
      const { association, answer } = await options.open({
        ...asked,
        offer,
        admitted,
        connected() {
          session.isConnected = true;
          log.info(about, `${person} connected`);
        },
        ended(reason) {
          sessions.delete(id);
          log.info({ ...about, reason }, `${person} ended`);
        },
      });
      session.association = association;
      // Disconnected by the product while ICE was being gathered.
      if (sessions.get(id) !== session) {
        association.close();
        throw new RequestProblem(403, "disconnected", `the ${person} was disconnected`);
      }
      response.writeHead(201, {
        "content-type": "application/sdp",
        location: `/${name}/${id}`,
        etag: association.etag,
        "accept-patch": FRAGMENT_TYPE,
        "cache-control": "no-store",
      });
      response.end(answer);
    } catch (error) {
      sessions.delete(id);
      throw error;
    }
  };

  const ownAssociation = (id: string, request: IncomingMessage): Association => {
    const token = tokenOf(request);
    const session = sessions.get(id);
    if (session?.association == null) {
      throw new RequestProblem(404, "not_found", "there is no such session");
    }
    if (!session.association.isOwner(token)) {
      throw new RequestProblem(403, "not_yours", "the session was made with another token");
    }
    return session.association;
  };

  const patch = async (id: string, request: IncomingMessage, response: ServerResponse) => {
    const association = ownAssociation(id, request);
    expectType(request, FRAGMENT_TYPE);
    const match = request.headers["if-match"];
    if (match !== undefined && match !== "*" && match !== association.etag) {
      throw new RequestProblem(412, "precondition_failed", `expected if-match ${association.etag}`);
    }
    association.patch(await readBody(request, MAX_FRAGMENT_BYTES));
    response.writeHead(204, { etag: association.etag }).end();
  };

  return {
    async answer(rest, request, response) {
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
        const association = ownAssociation(rest, request);
        sessions.delete(rest);
        association.close();
        response.writeHead(200).end();
      } else {
        throw new RequestProblem(405, "method_not_allowed", `${method}: expected ${allowed}`, {
          allow: allowed,
        });
      }
    },
    endWhere(isMeant) {
      let ended = 0;
      for (const [id, session] of sessions) {
        if (!isMeant(session)) continue;
        sessions.delete(id);
        session.association?.close();
        ended += 1;
      }
      return ended;
    },
  };
}

/** RFC 6750 §3. */
const AUTHENTICATE = { "www-authenticate": "Bearer" };

/** The answer for a token that opens nothing. */
export function wrongToken(code: string, message: string): RequestProblem {
  return new RequestProblem(401, code, message, AUTHENTICATE);
}

/** The answer while admission cannot be asked. */
export function notReady(message: string): RequestProblem {
  return new RequestProblem(503, "not_ready", message, { "retry-after": "1" });
}

/** The answer for an offer that cannot be agreed on. */
export function disagreed({ code, message }: Disagreement): RequestProblem {
  return code === "bad-offer"
    ? new RequestProblem(400, "bad_offer", message)
    : new RequestProblem(406, "no_common_codec", message);
}

function tokenOf(request: IncomingMessage): string {
  const token = bearerOf(request);
  if (token !== null) return token;
  throw wrongToken("no_token", "expected authorization: Bearer <token>");
}
