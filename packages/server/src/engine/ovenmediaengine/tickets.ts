import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { TICKET_MS } from "../../auth/tickets.js";
import type { Bus, Said } from "../../bus/bus.js";

/** What a ticket opens: one room's stream, for one participant, or the room to a page that publishes. */
export type OmeTicketFor = {
  readonly roomId: string;
  readonly participantId: string;
  /** When the session ends, wall clock: the picture ends with it. */
  readonly sessionExpiresAt: number;
  /** The server that the viewer was put on. */
  readonly node: string;
};

/** Who loses their tickets. */
export type TicketHolder = { readonly roomId: string } | { readonly participantId: string };

/**
 * Tickets that are a stream's name in an address. OvenMediaEngine passes no headers on, and its question may reach
 * another process than the one that made the ticket, sooner than anything said on the bus: so a ticket holds what it
 * opens, sealed, and needs no lookup. Only that it is spent, or void, is remembered, and told to the others.
 */
export type OmeTickets = {
  make(purpose: TicketPurpose, what: OmeTicketFor): string;
  /** Spends it: good once in this process, and in the others from when they have heard of it. */
  spend(purpose: TicketPurpose, ticket: string): OmeTicketFor | "invalid-ticket" | "expired-ticket";
  cancel(who: TicketHolder): void;
};

/** What plays cannot publish, nor the other way round: each has a key of its own. */
export type TicketPurpose = "play" | "publish";

/** What tickets need. */
export type OmeTicketsOptions = {
  /** The same in all processes. */
  readonly key: Uint8Array;
  readonly bus: Pick<Bus, "say" | "hear">;
  readonly wallClock: () => number;
};

const PREFIX = { play: "v", publish: "p" } as const; // no name of a room's stream begins like that: those are s-…
const IV_BYTES = 12; // NIST SP 800-38D §8.2
const TAG_BYTES = 16;
const LONGEST = 512;
const MOST_REMEMBERED = 20_000; // for a minute each: 330 a second

const Sealed = Type.Object({
  room: Type.String(),
  who: Type.String(),
  node: Type.String(),
  ends: Type.Number(),
  made: Type.Number(),
});
const Heard = Type.Union([
  Type.Object({ is: Type.Literal("spent"), id: Type.String({ maxLength: 32 }) }),
  Type.Object({ is: Type.Literal("void"), roomId: Type.String({ maxLength: 64 }) }),
  Type.Object({ is: Type.Literal("void"), participantId: Type.String({ maxLength: 128 }) }),
]);
type Heard = Static<typeof Heard>;

/** AES-256-GCM over what it opens and when it was made; the IV is its name among those that are spent. */
export function createOmeTickets({ key, bus, wallClock }: OmeTicketsOptions): OmeTickets {
  const keys = { play: keyFor(key, "play"), publish: keyFor(key, "publish") };
  const spent = new Map<string, number>();
  const voided = new Map<string, number>();

  const remember = (map: Map<string, number>, name: string): void => {
    const now = wallClock();
    for (const [other, at] of map) {
      if (at > now - TICKET_MS && map.size < MOST_REMEMBERED) break; // in the order they came: the rest is younger
      map.delete(other);
    }
    map.delete(name);
    map.set(name, now);
  };
  const cancel = (who: TicketHolder): void => remember(voided, nameOf(who));
  const isVoid = (who: TicketHolder, madeAt: number): boolean =>
    (voided.get(nameOf(who)) ?? Number.NEGATIVE_INFINITY) >= madeAt;

  bus.hear("ticket", (said: Said) => {
    if (!Check(Heard, said)) return;
    const heard: Heard = said;
    if (heard.is === "spent") remember(spent, heard.id);
    else cancel(heard);
  });

  return {
    make: (purpose, { roomId, participantId, sessionExpiresAt, node }) => {
      const iv = randomBytes(IV_BYTES);
      const sealed: Static<typeof Sealed> = {
        room: roomId,
        who: participantId,
        node,
        ends: sessionExpiresAt,
        made: wallClock(),
      };
      const cipher = createCipheriv("aes-256-gcm", keys[purpose], iv);
      const body = Buffer.concat([iv, cipher.update(JSON.stringify(sealed), "utf8"), cipher.final()]);
      return `${PREFIX[purpose]}${Buffer.concat([body, cipher.getAuthTag()]).toString("base64url")}`;
    },
    spend: (purpose, ticket) => {
      const opened = unsealed(ticket, purpose, keys[purpose]);
      if (opened === null) return "invalid-ticket";
      const { id, what, madeAt } = opened;
      if (spent.has(id)) return "invalid-ticket";
      if (madeAt + TICKET_MS <= wallClock()) return "expired-ticket";
      if (isVoid(what, madeAt) || isVoid({ roomId: what.roomId }, madeAt)) return "invalid-ticket";
      remember(spent, id);
      bus.say("ticket", { is: "spent", id });
      return what;
    },
    cancel: (who) => {
      cancel(who);
      bus.say("ticket", { is: "void", ...who });
    },
  };
}

type Opened = { readonly id: string; readonly what: OmeTicketFor; readonly madeAt: number };

function unsealed(ticket: string, purpose: TicketPurpose, key: Uint8Array): Opened | null {
  if (ticket.length > LONGEST || !ticket.startsWith(PREFIX[purpose])) return null;
  const text = ticket.slice(1);
  const bytes = Buffer.from(text, "base64url");
  // One ticket has one spelling: another one of the same bytes would be another name among those that are spent.
  if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString("base64url") !== text) return null;
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, iv).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const clear =
      decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    const sealed: unknown = JSON.parse(clear);
    if (!Check(Sealed, sealed)) return null;
    const { room: roomId, who: participantId, node, ends: sessionExpiresAt } = sealed;
    const what = { roomId, participantId, node, sessionExpiresAt };
    return { id: iv.toString("base64url"), what, madeAt: sealed.made };
  } catch {
    return null; // forged, or made with another key
  }
}

function keyFor(key: Uint8Array, purpose: TicketPurpose): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, "", `ome ${purpose} ticket`, 32));
}

function nameOf(who: TicketHolder): string {
  return "participantId" in who ? `who ${who.participantId}` : `room ${who.roomId}`;
}
