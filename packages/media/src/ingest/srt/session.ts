import type { LinkState } from "../../control/protocol.js";
import type { Publication, PublisherEnd, PublisherPort } from "../../hub/ports.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { EXTENSION } from "../../wire/srt/extensions.js";
import { parseKeyMaterial, writeKeyState } from "../../wire/srt/key-material.js";
import type { SrtDataPacket, SrtPacket } from "../../wire/srt/packet.js";
import type { TsSource, tsToUnits } from "../mpegts/to-units.js";
import type { IngestLog } from "../ports.js";
import { type Call, FLOW_WINDOW } from "./conclusion.js";
import type { StreamKeys } from "./encryption.js";
import { startReceiver } from "./receiver.js";

/** An admitted caller's connection. */
export type SrtSession = {
  /** A packet from the caller's own address. */
  take(packet: SrtPacket): void;
  /** Every `TICK_MS`. */
  tick(): void;
  /** Says goodbye and lets go at once. */
  close(): void;
};

/** What a session is made from. */
export type SrtSessionOptions = {
  readonly call: Call;
  /** Null: the connection is in the clear. */
  readonly keys: StreamKeys | null;
  readonly address: string;
  readonly stream: string;
  /** Admission's; null: no limit. */
  readonly lifetimeMs: number | null;
  readonly initialSequence: number;
  readonly peerSocketId: number;
  readonly log: IngestLog;
  readonly toUnits: typeof tsToUnits;
  readonly now: () => number;
  readonly send: (bytes: Uint8Array) => void;
  /** What came is not what we take. */
  readonly notUnderstood: (detail: string) => void;
  /** Nothing more will come of it: it may be forgotten. */
  readonly gone: () => void;
};

/** Nothing at all came: a live caller sends a keepalive each second. */
const IDLE_MS = 5_000;

/** A caller that has missed two keepalives is as good as gone. */
const DEAD_MS = 2_500;

/** A shutdown may be lost: for so long it is said again to a caller that goes on sending. */
const GOODBYE_MS = 3_000;
const REPEAT_GOODBYE_MS = 100;

/** RTTs that a hole should be waited for: the packet may be lost again. */
const ADVISED_RTTS = 4;

/** The publisher as the hub sees it, and the way to give it its publication. Two steps, as the hub asks for the first. */
export function startSrtSession(options: SrtSessionOptions): {
  readonly port: PublisherPort;
  begin(publication: Publication): SrtSession;
} {
  const { call, keys, address, log, now } = options;
  let live: { readonly publication: Publication; readonly ts: TsSource } | null = null;
  let endedAtMs: number | null = null;
  let goodbyeAtMs = 0;
  let heardAtMs = now();
  const lastsUntilMs = now() + (options.lifetimeMs ?? Number.POSITIVE_INFINITY);
  let isLearning = false;

  const receiver = startReceiver(
    {
      initialSequence: options.initialSequence,
      latencyMs: call.latencyMs,
      capacity: FLOW_WINDOW,
      peerSocketId: options.peerSocketId,
      marksRetransmissions: call.marksRetransmissions,
      open: keys === null ? openClear : keys.open,
      events: {
        send: options.send,
        deliver: (payload, isShort) => live?.ts.take(payload, now(), isShort),
        lost: () => live?.ts.lost(),
      },
    },
    now(),
  );

  function sayGoodbye(): void {
    goodbyeAtMs = now();
    receiver.send({ is: "shutdown" }, goodbyeAtMs);
  }

  /** The publication is over; the socket's number stays ours for a moment. */
  function finish(how: "ended" | "lost", why: string): void {
    if (endedAtMs !== null) return;
    endedAtMs = now();
    log.info({ address, stream: options.stream, why }, "srt: connection closed");
    const { publication, ts } = live ?? {};
    live = null;
    ts?.end(endedAtMs);
    publication?.close(how);
  }

  function end(reason: PublisherEnd): void {
    live = null; // the hub has closed its side
    finish("ended", reason);
    sayGoodbye();
  }

  /** New keys of a stream that goes on (draft-sharabayko-srt §6.1.6). The caller asks again until it is answered. */
  async function learn(body: Uint8Array): Promise<void> {
    if (isLearning) return;
    isLearning = true;
    try {
      const isKnown = keys !== null && (await keys.learn(parseKeyMaterial(body)));
      const answer = isKnown ? body : writeKeyState(keys === null ? "noSecret" : "badSecret");
      if (endedAtMs === null)
        receiver.send({ is: "extension", type: EXTENSION.keyResponse, body: answer }, now());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      log.warn({ address, reason: error.message }, "srt: new key material was not understood");
    } finally {
      isLearning = false;
    }
  }

  /** The one place where what the transport stream may not be ends the connection. */
  function guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      options.notUnderstood(error.message);
      finish("lost", error.message);
      sayGoodbye();
    }
  }

  function link(): LinkState {
    const rttMs = receiver.rttMs();
    const { lost, missing } = receiver.meter.percent(now());
    return {
      rttMs,
      lostPercent: lost,
      missingPercent: missing,
      latencyMs: call.latencyMs,
      advisedLatencyMs: rttMs === null ? null : Math.ceil(ADVISED_RTTS * rttMs),
      isEncrypted: keys !== null,
    };
  }

  const session: SrtSession = {
    take(packet) {
      const nowMs = now();
      if (endedAtMs !== null) {
        if (packet.is !== "shutdown" && nowMs - goodbyeAtMs >= REPEAT_GOODBYE_MS) sayGoodbye();
        return;
      }
      heardAtMs = nowMs;
      if (packet.is === "shutdown") finish("ended", "the encoder stopped");
      else if (packet.is === "extension" && packet.type === EXTENSION.keyRequest) void learn(packet.body);
      else guarded(() => receiver.take(packet, nowMs));
    },
    tick() {
      const nowMs = now();
      if (endedAtMs !== null) {
        if (nowMs - endedAtMs >= GOODBYE_MS) options.gone();
        return;
      }
      guarded(() => receiver.tick(nowMs));
      if (nowMs >= lastsUntilMs) finish("ended", "admission's lifetime is over");
      else if (nowMs - heardAtMs >= IDLE_MS) finish("lost", `nothing came for ${IDLE_MS / 1000} s`);
      else return;
      sayGoodbye();
    },
    close() {
      finish("ended", "closed here");
      sayGoodbye();
    },
  };

  return {
    port: {
      source: { protocol: "srt", address, encoder: call.encoder },
      end,
      isDead: () => endedAtMs !== null || now() - heardAtMs >= DEAD_MS,
      requestKeyframe: null,
      link,
    },
    begin(publication) {
      const ts = options.toUnits(publication, (reason) =>
        log.warn({ address, reason }, "srt: a part of the transport stream was skipped"),
      );
      live = { publication, ts };
      return session;
    },
  };
}

/** On a connection in the clear, an encrypted packet is not the caller's. */
function openClear({ key, payload }: SrtDataPacket): Uint8Array | null {
  return key === "clear" ? payload : null;
}
