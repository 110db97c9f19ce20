import type { PeerAddress, Verdict } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import { budgetAddress } from "../../net/address.js";
import { createFloodLimit, type FloodBounds } from "../../net/flood-limit.js";
import { GUARD_LIMITS } from "../../net/guarded-listener.js";
import type { UdpPeer } from "../../net/udp-sockets.js";
import {
  HANDSHAKE_BYTES,
  HANDSHAKE_TYPE,
  type Handshake,
  parseHandshake,
  type Reject,
  rejection,
  SRT_MAGIC,
  writeHandshake,
} from "../../wire/srt/handshake.js";
import { SRT_HEADER_BYTES, writeSrtPacket } from "../../wire/srt/packet.js";
import { askAdmission } from "../ask-admission.js";
import type { tsToUnits } from "../mpegts/to-units.js";
import type { IngestDuties, PublishRefused } from "../ports.js";
import { shortened, tellRefusals } from "../refusals.js";
import { acceptance, type Call, readConclusion } from "./conclusion.js";
import { createCookies } from "./cookie.js";
import { createStreamKeys, type StreamKeys } from "./encryption.js";
import { type SrtSession, startSrtSession } from "./session.js";

/** Where admitted callers sit, by the socket number that they are given. */
export type Seats = {
  size(): number;
  isFree(socketId: number): boolean;
  take(socketId: number, session: SrtSession, peer: UdpPeer): void;
  leave(socketId: number): void;
};

/** What the door needs. */
export type DoorOptions = IngestDuties & {
  readonly clock: Clock;
  readonly toUnits: typeof tsToUnits;
  readonly random: (bytes: number) => Uint8Array;
  readonly send: (bytes: Uint8Array, to: UdpPeer) => void;
  readonly seats: Seats;
};

/** Where callers knock: nothing is kept of one before its cookie has shown that it is where it says. */
export type Door = {
  /** Whether a datagram to nobody's socket is worth reading. In a flood this is all that most of them cost. */
  mayRead(bytes: Uint8Array, from: UdpPeer): boolean;
  /** A handshake packet's body. Before the cookie is right, no answer is longer than what was asked. */
  knock(body: Uint8Array, from: UdpPeer): void;
  /** Forgets answers that nobody asks for any more; true when there is nothing left to forget. */
  tick(): boolean;
  close(): void;
};

/**
 * Handshakes of callers that have proved nothing yet, in a second. A caller asks 4 times. Each costs an HMAC and perhaps a
 * datagram, together some 25 µs: a tenth of a core.
 */
const STRANGERS_READ: FloodBounds = { perBucket: 128, inAll: 4_000 };

/** libsrt's callers wait 3 s in all; the way there and back needs some of it. */
const ADMISSION_MS = 2_500;

/** A caller repeats its conclusion every 250 ms until it is answered: for so long the same answer is given. */
const ANSWER_KEPT_MS = 3_000;

/** Publishers at once: far more than a machine can show. */
const MAX_SEATS = 256;

/** A control packet's first byte, and where the last byte of a handshake's type is. */
const CONTROL = 0x80;
const TYPE_ENDS_AT = SRT_HEADER_BYTES + 23;

/** Bit 30 says that a number is a bonding group's (libsrt's SRTGROUP_MASK). */
const SOCKET_IDS = 2 ** 30;

const REFUSED: Readonly<Record<Extract<Verdict, { allowed: false }>["reason"], Reject>> = {
  "unknown-key": "unauthorized",
  "invalid-ticket": "unauthorized",
  "expired-ticket": "unauthorized",
  "address-blocked": "forbidden",
  "not-ready": "down", // encoders come again
};

/** One caller's conclusion, by address, port and the caller's socket. */
type Known =
  | { readonly is: "deciding" }
  | {
      readonly is: "refused";
      readonly counted: string;
      readonly answer: Uint8Array;
      readonly untilMs: number;
    }
  | { readonly is: "accepted"; readonly answer: Uint8Array };

type Refused = { readonly is: "refused"; readonly reject: Reject };

type Admitted = {
  readonly is: "admitted";
  readonly call: Call;
  readonly stream: string;
  readonly lifetimeMs: number | null;
  readonly keys: StreamKeys | null;
};

/** Opens the door. */
export function createDoor(options: DoorOptions): Door {
  const { clock, random, seats, log, wrongKeys } = options;
  const cookies = createCookies(random(32), clock.now);
  const inductions = createFloodLimit(STRANGERS_READ, random(4), clock.now);
  const others = createFloodLimit(STRANGERS_READ, random(4), clock.now); // a flood of inductions must not keep conclusions out
  const known = new Map<string, Known>(); // bounded by the two limits on strangers and by MAX_SEATS
  const strangers = new Map<string, number>();
  let strangersInAll = 0;
  let isClosed = false;
  const tell = tellRefusals(options, clock.now);

  function packet(body: Handshake, to: number): Uint8Array {
    return writeSrtPacket({ is: "handshake", body: writeHandshake(body), timestamp: 0, destination: to });
  }

  function mayRead(bytes: Uint8Array, from: UdpPeer): boolean {
    if (bytes.length < SRT_HEADER_BYTES + HANDSHAKE_BYTES || bytes[0] !== CONTROL) return false;
    const isInduction = bytes[TYPE_ENDS_AT] === HANDSHAKE_TYPE.induction;
    // The port counts too, so that nobody can shut out an encoder by sending in its address's name.
    return (isInduction ? inductions : others).mayRead(`${from.address} ${from.port}`);
  }

  function turnAway(asked: Handshake, reason: Reject, from: UdpPeer): Uint8Array {
    const answer = packet(rejection(asked, reason), asked.socketId);
    options.send(answer, from);
    return answer;
  }

  function knock(body: Uint8Array, from: UdpPeer): void {
    const counted = budgetAddress(from.address);
    if (wrongKeys.isSpent(counted)) return; // not a word, as RTMP closes at accept
    const asked = parseHandshake(body);
    if (asked.type === HANDSHAKE_TYPE.induction) induct(asked, from);
    else if (asked.type === HANDSHAKE_TYPE.conclusion) conclude(asked, counted, from);
    else if (asked.type === HANDSHAKE_TYPE.waveAHand) {
      log.debug({ address: from.address }, "srt: a rendezvous was asked for; encoders have to call");
      turnAway(asked, "rogue", from);
    }
  }

  /** draft-sharabayko-srt §4.3.1.1. The answer is as long as the question, and nothing is kept. */
  function induct(asked: Handshake, from: UdpPeer): void {
    const cookie = cookies.make(from.address, from.port, asked.socketId);
    const answer = { ...asked, version: 5, encryption: 0, extension: SRT_MAGIC, cookie };
    options.send(packet(answer, asked.socketId), from);
  }

  /** §4.3.1.2. */
  function conclude(asked: Handshake, counted: string, from: UdpPeer): void {
    if (!cookies.isGood(asked.cookie, from.address, from.port, asked.socketId)) return;
    const caller = `${from.address} ${from.port} ${asked.socketId}`;
    const before = known.get(caller);
    if (before !== undefined) {
      if (before.is !== "deciding") options.send(before.answer, from);
      return;
    }
    const fromHere = strangers.get(counted) ?? 0;
    const isFull =
      fromHere >= GUARD_LIMITS.perAddress ||
      strangersInAll >= GUARD_LIMITS.unauthenticated ||
      seats.size() >= MAX_SEATS;
    if (isFull) {
      turnAway(asked, "overload", from);
      return;
    }
    strangers.set(counted, fromHere + 1);
    strangersInAll++;
    known.set(caller, { is: "deciding" });
    void decide(asked, from).then((outcome) => {
      if (isClosed) return;
      const answer = outcome.is === "admitted" ? letIn(outcome, asked, caller, from) : outcome;
      if (answer.is === "refused") {
        const { reject } = answer;
        if (reject === "unauthorized" || reject === "badSecret") wrongKeys.spend(counted);
        const sent = turnAway(asked, reject, from);
        known.set(caller, { is: "refused", counted, answer: sent, untilMs: clock.now() + ANSWER_KEPT_MS });
        return;
      }
      forget(counted);
      known.set(caller, answer);
      options.send(answer.answer, from);
    });
  }

  /** Whether a caller may come in: what it says, what admission says, and whether it knows the passphrase. */
  async function decide(asked: Handshake, { address }: UdpPeer): Promise<Refused | Admitted> {
    const from: PeerAddress = { address, protocol: "srt" };
    function refused(
      reject: Reject,
      reason: PublishRefused["reason"],
      stream: string | null,
      detail: string,
    ): Refused {
      tell({ stream, from, reason, detail });
      return { is: "refused", reject };
    }

    const call = readConclusion(asked);
    if (call.is === "refused") return refused(call.reject, "not-understood", null, call.detail);
    const verdict = await askAdmission(options, call.key, from, ADMISSION_MS);
    if (!verdict.allowed) {
      const { reason } = verdict;
      const words =
        reason === "not-ready"
          ? "The server is starting: the encoder will try again."
          : `The streamid ${shortened(call.key)} was refused (${reason}).`;
      return refused(REFUSED[reason], reason, null, words);
    }
    const { stream, passphrase } = verdict;
    if (passphrase === null && call.encryption === null)
      return { is: "admitted", call, stream, lifetimeMs: verdict.lifetimeMs, keys: null };
    if (call.encryption === null) return refused("unsecure", "not-understood", stream, WORDS.noPassphrase);
    if (passphrase === null) return refused("unsecure", "not-understood", stream, WORDS.passphrase);
    const keys = createStreamKeys(passphrase);
    if (!(await keys.learn(call.encryption.material)))
      return refused("badSecret", "not-understood", stream, WORDS.wrongPassphrase);
    return { is: "admitted", call, stream, lifetimeMs: verdict.lifetimeMs, keys };
  }

  /** Gives the caller to the hub, or not when another one is live. */
  function letIn(
    { call, stream, keys, lifetimeMs }: Admitted,
    asked: Handshake,
    caller: string,
    from: UdpPeer,
  ): Refused | Extract<Known, { is: "accepted" }> {
    const socketId = freeSocketId();
    const { address } = from;
    const toldOf: PeerAddress = { address, protocol: "srt" };
    const prepared = startSrtSession({
      ...{ call, keys, address, stream, lifetimeMs, log, toUnits: options.toUnits, now: clock.now },
      initialSequence: asked.initialSequence,
      peerSocketId: asked.socketId,
      send: (bytes) => options.send(bytes, from),
      notUnderstood: (detail) => tell({ stream, from: toldOf, reason: "not-understood", detail }),
      gone() {
        seats.leave(socketId);
        known.delete(caller);
      },
    });
    const publication = options.hub.publish(stream, prepared.port);
    if (publication === "already-live") {
      tell({ stream, from: toldOf, reason: "already-live", detail: WORDS.alreadyLive });
      return { is: "refused", reject: "conflict" };
    }
    seats.take(socketId, prepared.begin(publication), from);
    const { latencyMs, encoder } = call;
    log.info({ address, stream, encoder, latencyMs, isEncrypted: keys !== null }, "srt: publishing");
    return { is: "accepted", answer: packet(acceptance(asked, call, socketId), asked.socketId) };
  }

  function freeSocketId(): number {
    for (;;) {
      const id = Buffer.from(random(4)).readUInt32BE(0) % SOCKET_IDS;
      if (id !== 0 && seats.isFree(id)) return id; // at most MAX_SEATS of a milliard are taken
    }
  }

  function forget(counted: string): void {
    strangersInAll--;
    const left = (strangers.get(counted) ?? 1) - 1;
    if (left > 0) strangers.set(counted, left);
    else strangers.delete(counted);
  }

  return {
    mayRead,
    knock,
    tick() {
      for (const [caller, one] of known) {
        if (one.is !== "refused" || one.untilMs > clock.now()) continue;
        known.delete(caller);
        forget(one.counted);
      }
      return strangersInAll === 0;
    },
    close() {
      isClosed = true;
      known.clear();
    },
  };
}

const WORDS = {
  noPassphrase:
    "The encoder does not encrypt, and this room wants it: type the passphrase from the room's page into it.",
  passphrase: "The encoder encrypts, and this room expects none: leave its passphrase empty.",
  wrongPassphrase: "The encoder's passphrase is wrong: copy it again from the room's page.",
  alreadyLive: "Another encoder is already live.",
} as const;
