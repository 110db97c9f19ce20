import { randomBytes } from "node:crypto";
import type { SecureContext } from "node:tls";
import type { PeerAddress, RefusalReason, Verdict } from "../../control/protocol.js";
import type { Publication, PublisherEnd } from "../../hub/ports.js";
import {
  GUARD_LIMITS,
  type GuardedConnection,
  type GuardedListener,
  type GuardLimits,
  listenGuarded,
} from "../../net/guarded-listener.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { askAdmission } from "../ask-admission.js";
import type { IngestDuties, PublishRefused } from "../ports.js";
import { shortened, tellRefusals } from "../refusals.js";
import { type PublishRequest, startRtmpSession } from "./session.js";
import { toUnits, type UnitSource } from "./to-units.js";

/** How long a connection may take for each step, in ms. */
export type RtmpDeadlines = {
  readonly handshakeMs: number;
  /** From accept until the publish command. All must be closed within 10 s, also when a thousand come at once. */
  readonly publishMs: number;
  /** How long admission may take; the product answers within 50 ms. */
  readonly admissionMs: number;
  /** Silence of a publisher. The hub calls it stalled long before. */
  readonly idleMs: number;
  /** From our last word, or the client's, until the socket is cut. GStreamer fails when it is not the one to close. */
  readonly closeMs: number;
};

/** What is used unless a test says otherwise. */
export const RTMP_DEADLINES: RtmpDeadlines = {
  handshakeMs: 5_000,
  publishMs: 8_000,
  admissionMs: 5_000,
  idleMs: 15_000,
  closeMs: 3_000,
};

/** What the RTMP listener needs of the engine. */
export type RtmpListenerOptions = IngestDuties & {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** RTMPS: what TLS is spoken with, asked for each connection; without it this is plain RTMP. */
  readonly tls?: () => SecureContext;
  /** Milliseconds, monotonic; `performance.now` unless a test says otherwise. */
  readonly clock?: () => number;
  readonly limits?: Partial<GuardLimits & RtmpDeadlines>;
};

/** Listens for RTMP publishers, or with `tls` for RTMPS ones, and brings the admitted ones to the hub. */
export function startRtmpListener(options: RtmpListenerOptions): Promise<GuardedListener> {
  const now = options.clock ?? (() => performance.now());
  const limits = { ...GUARD_LIMITS, ...RTMP_DEADLINES, ...options.limits };
  const refused = tellRefusals(options, now);
  return listenGuarded({
    host: options.host,
    port: options.port,
    limits,
    now,
    ...(options.tls !== undefined && { tls: options.tls }),
    wrongKeys: options.wrongKeys,
    onConnection: (connection) => startConnection({ ...options, refused, now, limits }, connection),
    onRefused: (address, why, count) =>
      options.log.warn(
        { address, why, count },
        `${options.tls === undefined ? "rtmp" : "rtmps"}: connection refused at accept`,
      ),
  });
}

/** Node's timers fire at once beyond this: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What OBS shows when it is turned away. */
const REFUSAL_TEXT = {
  "unknown-key": "This stream key is not known here. Copy the key again from the room's page.",
  "already-live":
    "Another encoder is live with this stream key. Stop it first, or switch over on the room's page.",
  "address-blocked": "This address is blocked.",
  "invalid-ticket": "This stream key is not known here. Copy the key again from the room's page.",
  "expired-ticket": "This stream key has expired. Copy the new one from the room's page.",
  "no-key": "No stream key was given. Copy it from the room's page into the encoder's key field.",
} as const;

const END_TEXT: Readonly<Record<PublisherEnd, string>> = {
  "taken-over": "Another encoder has taken over.",
  "key-rotated": "The stream key has been changed. Copy the new one from the room's page.",
  disconnected: "The stream was ended in the studio.",
  "test-signal-stopped": "The test signal was stopped.",
  "engine-stopping": "The server is stopping.",
};

type ConnectionOptions = Omit<RtmpListenerOptions, "clock" | "limits"> & {
  readonly now: () => number;
  readonly limits: GuardLimits & RtmpDeadlines;
};

/** Where a connection stands beside its session's own state. */
type Live = { readonly publication: Publication; readonly units: UnitSource };

function startConnection(options: ConnectionOptions, connection: GuardedConnection): void {
  const { log, limits, now } = options;
  const { socket, address } = connection;
  const protocol = options.tls === undefined ? "rtmp" : "rtmps";
  const from: PeerAddress = { address, protocol };
  let live: Live | null = null;
  let lifetime: NodeJS.Timeout | null = null;
  let deadline = setTimeout(() => {
    if (session.state.is === "handshake") close("lost", "no handshake in time");
  }, limits.handshakeMs);
  const publishDeadline = setTimeout(() => close("lost", "no publish in time"), limits.publishMs);

  const session = startRtmpSession({
    random: randomBytes,
    events: {
      send: (bytes) => connection.send(bytes),
      publishAsked: (request) => void decide(request),
      media: (message) => live?.units.take(message, now()),
      unpublished: () => {
        finish("ended");
        wait(limits.closeMs, "ended, and the client did not close");
      },
    },
  });

  function wait(ms: number, why: string): void {
    clearTimeout(deadline);
    deadline = setTimeout(() => close("lost", why), ms);
  }

  /** The publication is over; the connection may go on. */
  function finish(how: "ended" | "lost"): void {
    if (lifetime !== null) clearTimeout(lifetime);
    lifetime = null;
    live?.publication.close(how);
    live = null;
  }

  function close(how: "ended" | "lost", why: string): void {
    if (!socket.destroyed)
      log[live === null ? "debug" : "info"]({ address, why }, `${protocol}: connection closed`);
    finish(how);
    socket.destroy();
  }

  function refuse(
    reason: PublishRefused["reason"],
    stream: string | null,
    description: string,
    detail: string,
  ): void {
    options.refused({ stream, from, reason, detail });
    session.refuse(description);
    clearTimeout(deadline);
    connection.closeAfter(limits.closeMs);
  }

  async function decide(request: PublishRequest): Promise<void> {
    clearTimeout(publishDeadline);
    socket.pause();
    if (request.key === "") {
      refuse("not-understood", null, REFUSAL_TEXT["no-key"], "The encoder sent no stream key.");
      return;
    }
    wait(2 * limits.admissionMs, "admission did not end"); // never reached: asking has its own deadline
    const verdict = await askAdmission(options, request.key, from, limits.admissionMs);
    if (socket.destroyed) return;
    if (!verdict.allowed) turnAway(verdict.reason, request.key);
    else letIn(verdict, request);
    socket.resume();
  }

  function turnAway(reason: RefusalReason, key: string): void {
    if (reason === "not-ready") {
      // Nobody could be asked. BadName would make OBS give up; a closed socket makes it come again.
      const detail = "The server is starting: the encoder will try again.";
      options.refused({ stream: null, from, reason, detail });
      close("lost", "admission is away");
      return;
    }
    connection.wrongKey();
    refuse(reason, null, REFUSAL_TEXT[reason], `The stream key ${shortened(key)} was refused (${reason}).`);
  }

  function letIn(verdict: Extract<Verdict, { allowed: true }>, request: PublishRequest): void {
    const publication = options.hub.publish(verdict.stream, {
      source: { protocol, address, encoder: request.encoder },
      isDead: () => socket.destroyed || socket.readableEnded,
      requestKeyframe: null,
      link: () => null,
      end: (reason) => {
        live = null; // the hub has closed its side
        session.end(END_TEXT[reason]);
        log.info({ address, stream: verdict.stream, reason }, `${protocol}: publisher ended`);
        clearTimeout(deadline);
        connection.closeAfter(limits.closeMs);
      },
    });
    if (publication === "already-live") {
      refuse(
        "already-live",
        verdict.stream,
        REFUSAL_TEXT["already-live"],
        "Another encoder is already live.",
      );
      return;
    }
    connection.admitted();
    const units = toUnits(publication, (reason) =>
      log.warn({ address, reason }, `${protocol}: a tag was skipped`),
    );
    live = { publication, units };
    if (verdict.lifetimeMs !== null) {
      const lifetimeMs = Math.min(verdict.lifetimeMs, MAX_TIMER_MS);
      lifetime = setTimeout(() => close("ended", "admission's lifetime is over"), lifetimeMs);
    }
    log.info({ address, stream: verdict.stream, encoder: request.encoder }, `${protocol}: publishing`);
    wait(limits.idleMs, "nothing came");
    guarded(() => session.accept());
  }

  /** The one place where a peer's mistake ends its connection. */
  function guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (session.state.is === "handshake") {
        options.refused({ stream: null, from, reason: "not-understood", detail: error.reason });
      } else {
        log[live === null ? "debug" : "warn"](
          { address, reason: error.message },
          `${protocol}: the client broke the protocol`,
        );
      }
      socket.off("data", onData);
      finish("lost");
      socket.destroySoon(); // what we have answered still goes out
    }
  }

  function onData(bytes: Uint8Array): void {
    guarded(() => session.feed(bytes));
    if (session.state.is === "publishing") deadline.refresh();
  }

  socket.on("data", onData);
  socket.on("end", () => close("lost", "the client closed"));
  socket.on("error", (error) => {
    log.debug({ address, reason: error.message }, `${protocol}: socket error`);
    const notTls = tlsErrorWords(error);
    if (notTls !== null) options.refused({ stream: null, from, reason: "not-understood", detail: notTls });
  });
  socket.on("close", () => {
    clearTimeout(deadline);
    clearTimeout(publishDeadline);
    finish("lost");
  });
}

/** What is wrong with somebody who does not come as far as RTMP, in words; null: an error of another kind. */
function tlsErrorWords(error: Error): string | null {
  const code = "code" in error ? String(error.code) : "";
  if (code === "ERR_SSL_HTTP_REQUEST") return "an HTTP request on the RTMPS port";
  if (["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"].includes(code))
    return "plain RTMP on the RTMPS port: use rtmps:// in the encoder, not rtmp://";
  if (code === "ERR_SSL_UNSUPPORTED_PROTOCOL")
    return "the encoder speaks TLS older than 1.2, which is not safe any more";
  if (/^ERR_SSL_.*ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_|UNSUPPORTED_CERTIFICATE)/.test(code))
    return "the encoder does not trust our certificate: OBS and others refuse a self-signed one";
  if (code.startsWith("ERR_SSL_")) return `no TLS could be agreed on with the encoder (${code})`;
  return null;
}
