import type { EngineView, RefusedPublish } from "@colourstream/contract";
import type { Blocks } from "../../auth/blocks.js";
import { isOpen } from "../../domain/room.js";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { SettingValues } from "../../settings.js";
import type { StoredRoom } from "../../store/rooms.js";
import type { EngineNews } from "../engine.js";
import type { Refusals } from "../refusals.js";
import { type OmeUrl, parseOmeUrl, renameStream } from "./names.js";
import type { OmeConfig } from "./ome-config.js";
import { type AdmissionQuestion, isSigned, parseQuestion } from "./question.js";
import { protocolOf } from "./status.js";
import type { OmeTicketFor, OmeTickets } from "./tickets.js";

/** A question of OvenMediaEngine's AdmissionWebhooks as it came: signed over the raw body. */
export type OmeQuestion = { readonly body: Uint8Array; readonly signature: string };

/** What it is answered: `new_url` renames the stream, `lifetime` (ms) ends the session. */
export type OmeAnswer = {
  readonly allowed?: boolean;
  readonly new_url?: string;
  readonly lifetime?: number;
  readonly reason?: string;
};

/** Answers within 50 ms, from memory: OvenMediaEngine asks on the thread of the socket. */
export type OmeAdmission = {
  /** Null: the signature is wrong, or the question is older than five minutes or was asked before. */
  answer(question: OmeQuestion): OmeAnswer | null;
};

/** What admission is made over. */
export type OmeAdmissionOptions = {
  readonly config: Pick<OmeConfig, "webhookSecret" | "app" | "universalApp">;
  readonly settings: () => Pick<SettingValues, "rtmpOn" | "rtmpsOn" | "srtOn" | "whipOn">;
  readonly rooms: RoomDirectory;
  readonly blocks: Pick<Blocks, "isBlocked">;
  readonly tickets: OmeTickets;
  readonly refusals: Refusals;
  /** Whether a publisher may take this name now; one that may takes it from who has it. */
  readonly mayTake: (room: StoredRoom) => boolean;
  /** A publisher or a viewer was let in. */
  readonly letIn: (who: LetIn) => void;
  /** A session may have ended: a hint, which REST has to confirm. */
  readonly closed: () => void;
  readonly clock: () => number;
  readonly wallClock: () => number;
  tell(news: EngineNews): void;
  log(level: "info" | "warn", message: string, about?: object): void;
};

/** Who was let in. */
export type LetIn =
  | {
      readonly is: "publisher";
      readonly room: StoredRoom;
      readonly encoder: string | null;
      readonly address: string;
    }
  | {
      readonly is: "viewer";
      readonly room: StoredRoom;
      readonly who: OmeTicketFor;
      readonly address: string;
    };

/** Admission, and how it does. */
export type CountedAdmission = OmeAdmission & { counts(): NonNullable<EngineView["admission"]> };

/** A question holds for this long, and is answered once in that time. */
const OLDEST_MS = 5 * 60_000;
const MOST_REMEMBERED = 50_000; // 166 a second
/** OvenMediaEngine cannot send a viewer out, so nobody's session there is endless. */
const LONGEST_VIEW_MS = 4 * 3_600_000;
const SLOWEST_OF_MS = 60_000;
const STALE_TOLD_EVERY_MS = 60_000;
const PROTOCOL_OFF = {
  rtmp: "RTMP is switched off in the settings.",
  srt: "SRT is switched off in the settings.",
  whip: "WHIP is switched off in the settings.",
} as const;

type Way = RefusedPublish["protocol"] & ("rtmp" | "srt" | "whip");

export function createOmeAdmission(options: OmeAdmissionOptions): CountedAdmission {
  const { config, rooms, blocks, tickets, refusals, clock, wallClock, tell } = options;
  const { universalApp } = config;
  const seen = new Map<string, number>();
  const counts = { asked: 0, refused: 0, forged: 0 };
  let slowest: { ms: number; atMs: number } | null = null;
  let staleToldMs = Number.NEGATIVE_INFINITY;

  const denied = (reason: string): OmeAnswer => {
    counts.refused += 1;
    return { allowed: false, reason };
  };

  /** Whether it is of now, and not of an opening that was answered already. */
  const isFresh = (signature: string, { request }: AdmissionQuestion): boolean => {
    const now = wallClock();
    const ageMs = now - Date.parse(request.time);
    if (!(Math.abs(ageMs) <= OLDEST_MS)) {
      if (clock() - staleToldMs > STALE_TOLD_EVERY_MS) {
        staleToldMs = clock();
        options.log(
          "warn",
          "OvenMediaEngine asks with another time: are the clocks of both machines right?",
          {
            ageMs,
          },
        );
      }
      return false;
    }
    if (request.status === "closing") return true; // told twice when a publisher is kicked
    for (const [other, at] of seen) {
      if (at > now - 2 * OLDEST_MS && seen.size < MOST_REMEMBERED) break; // in the order they came
      seen.delete(other);
    }
    if (seen.has(signature)) return false;
    seen.set(signature, now);
    return true;
  };

  const turnedAway = (
    room: StoredRoom,
    why: string,
    detail: string,
    protocol: Way,
    address: string,
  ): OmeAnswer => {
    refusals.note(room.id, why, detail, { address, protocol });
    tell({ is: "changed", roomId: room.id });
    return denied(why);
  };

  const roomFor = (name: string, way: Way): StoredRoom | null => {
    if (way === "srt") return rooms.bySrtId(name);
    const room = rooms.byKey(name);
    if (room !== null || way !== "whip") return room;
    const page = tickets.spend("publish", name);
    return typeof page === "string" ? null : rooms.byId(page.roomId);
  };

  const publisher = (question: AdmissionQuestion, url: OmeUrl, address: string): OmeAnswer => {
    const way = protocolOf(question.request.protocol);
    if (way === null || url.app !== config.app) return denied("not-understood");
    const room = roomFor(url.stream, way);
    if (room === null) {
      tell({ is: "wrong-key", address, protocol: way });
      return denied("unknown-key");
    }
    const now = wallClock();
    if (!isOpen(room, now)) {
      const detail = room.archivedAt === null ? "The room's time is over." : "The room is archived.";
      return turnedAway(room, "archived", detail, way, address);
    }
    const { rtmpOn, rtmpsOn, srtOn, whipOn } = options.settings();
    const isOn = { rtmp: rtmpOn || rtmpsOn, srt: srtOn, whip: whipOn }[way];
    if (!isOn) return turnedAway(room, "protocol-off", PROTOCOL_OFF[way], way, address);
    if (!options.mayTake(room))
      return turnedAway(room, "already-live", "Another encoder is live.", way, address);
    refusals.forget(room.id);
    options.letIn({ is: "publisher", room, encoder: question.client.user_agent ?? null, address });
    const { expiresAt } = room;
    return {
      allowed: true,
      new_url: renameStream(url, config.app, room.streamName),
      ...(expiresAt !== null && { lifetime: expiresAt.getTime() - now }),
    };
  };

  const viewer = ({ request }: AdmissionQuestion, url: OmeUrl, address: string): OmeAnswer => {
    const isOfOurs = url.app === config.app || (universalApp !== null && url.app === universalApp);
    if (!["webrtc", "llhls"].includes(request.protocol.toLowerCase()) || !isOfOurs)
      return denied("not-understood");
    const who = tickets.spend("play", url.stream);
    if (typeof who === "string") return denied(who);
    const room = rooms.byId(who.roomId);
    const now = wallClock();
    const lifetime = Math.min(who.sessionExpiresAt - now, LONGEST_VIEW_MS);
    if (room === null || !isOpen(room, now) || lifetime <= 0) return denied("invalid-ticket");
    if (url.app !== config.app && !room.universal) return denied("not-understood");
    options.letIn({ is: "viewer", room, who, address });
    return {
      allowed: true,
      new_url: renameStream(url, url.app, room.streamName),
      lifetime: Math.ceil(lifetime),
    };
  };

  const answered = ({ body, signature }: OmeQuestion): OmeAnswer | null => {
    if (!isSigned(body, signature, config.webhookSecret)) {
      counts.forged += 1;
      return null;
    }
    counts.asked += 1;
    const question = parseQuestion(body);
    if (question === null) return denied("not-understood");
    if (!isFresh(signature, question)) {
      counts.refused += 1;
      return null;
    }
    const { client, request } = question;
    if (request.status === "closing") {
      options.closed();
      return {};
    }
    const addresses = [client.address, client.real_ip ?? client.address];
    if (addresses.some((one) => blocks.isBlocked(one))) return denied("address-blocked");
    const url = parseOmeUrl(request.url);
    if (url === null) return denied("not-understood");
    const address = client.real_ip ?? client.address;
    return request.direction === "incoming"
      ? publisher(question, url, address)
      : viewer(question, url, address);
  };

  return {
    answer: (question) => {
      const beganMs = clock();
      const answer = answered(question);
      const ms = clock() - beganMs;
      if (slowest === null || ms > slowest.ms || beganMs - slowest.atMs > SLOWEST_OF_MS)
        slowest = { ms, atMs: beganMs };
      return answer;
    },
    counts: () => {
      const isRecent = slowest !== null && clock() - slowest.atMs <= SLOWEST_OF_MS;
      return { ...counts, slowestMs: isRecent ? (slowest?.ms ?? null) : null };
    },
  };
}
