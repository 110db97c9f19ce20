import type { Clock } from "../hub/clock.js";
import { addressBytes, budgetAddress } from "../net/address.js";
import { createFloodLimit, type FloodBounds } from "../net/flood-limit.js";
import { ADDRESS_FAMILY, MAGIC_COOKIE, type StunAttribute } from "../wire/stun/attribute.js";
import { CHANNELS, parseChannelData } from "../wire/stun/channel-data.js";
import {
  attributeOf,
  isSignedBy,
  parseStun,
  type ReceivedStun,
  STUN_HEADER_BYTES,
  STUN_METHOD,
  type StunMessage,
  unknownRequired,
  writeStun,
} from "../wire/stun/message.js";
import {
  type Allocation,
  CHANNEL_MS,
  createAllocations,
  type Family,
  LIFETIME_S,
  MAX_CHANNELS,
  PERMISSION_MS,
  RELAYED_IP,
  type RelayClient,
} from "./allocations.js";
import { keyFor, parseUsername, REALM } from "./credentials.js";
import { createNonces } from "./nonces.js";

/**
 * Questions of those without an allocation that are looked at in a second. All people of a call behind one address ask
 * some 300 together when it begins; each answer costs some 25 µs, so a flood takes a tenth of a core, and an address in
 * whose name others ask gets 40 kB a second at most.
 */
const STRANGERS_READ: FloodBounds = { perBucket: 500, inAll: 4_000 };

const UDP = 17; // the IP protocol that is relayed (RFC 8656 §18.8)

/** RFC 8489 §14.8 and RFC 8656 §19. No reasons are written: browsers show none, and refusals stay short. */
type Refusal = 400 | 401 | 403 | 420 | 437 | 438 | 440 | 441 | 442 | 443 | 486 | 508;

/** The TURN server, without its sockets. */
export type Turn = {
  /** Whatever came from a client. Throws `ProtocolError` for what is no STUN; over UDP that is to be ignored. */
  take(bytes: Uint8Array, from: RelayClient): void;
  /** The client's connection has ended. */
  gone(client: RelayClient): void;
  /** Allocations now. */
  size(): number;
  close(): void;
};

/** What it needs. */
export type TurnOptions = {
  /** Shared with whoever makes credentials; never logged. */
  readonly secret: string;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
};

/** A request whose signature is right. */
type Signed = {
  readonly client: RelayClient;
  readonly message: StunMessage;
  readonly username: string;
  readonly userId: string;
  readonly key: Uint8Array;
};

/** What a request is granted with, or why not. */
type Outcome = readonly StunAttribute[] | Refusal;

/** STUN and TURN (RFC 8489, RFC 8656) that relays between its own allocations and to nobody else. */
export function createTurn({ secret, clock, random }: TurnOptions): Turn {
  const { now, wall } = clock;
  const allocations = createAllocations(clock, random);
  const nonces = createNonces(random(32), now);
  const strangers = createFloodLimit(STRANGERS_READ, random(4), now);
  // Over TCP nobody asks in another's name, and nobody asks twice: a flood by UDP must not silence it.
  const connected = createFloodLimit(STRANGERS_READ, random(4), now);

  const take = (bytes: Uint8Array, from: RelayClient): void => {
    const first = bytes[0] ?? 0;
    const allocation = allocations.of(from);
    if (first >= 0x40) {
      if (allocation === undefined) return;
      const { channel, data } = parseChannelData(bytes);
      const bound = allocation.channels.get(channel);
      if (bound !== undefined && bound.untilMs > now()) allocations.forward(allocation, bound.port, data);
      return;
    }
    if (!looksLikeStun(bytes)) return;
    const isRequest = (bytes[0] ?? 0) % 2 === 0 && ((bytes[1] ?? 0) & 0x10) === 0;
    if (allocation === undefined) {
      // In a flood this is all that most of it costs.
      const limit = from.isStream ? connected : strangers;
      if (!isRequest || !limit.mayRead(budgetAddress(from.address))) return;
    } else if (isRequest && !allocation.requests.take(1)) return;

    const received = parseStun(bytes);
    const { method, class: is } = received.message;
    if (is === "request") answer(received, bytes, from, allocation);
    else if (is === "indication" && method === STUN_METHOD.send && allocation !== undefined)
      send(received.message, allocation);
  };

  const send = (message: StunMessage, allocation: Allocation): void => {
    const to = attributeOf(message, "xor-peer-address");
    const data = attributeOf(message, "data");
    if (to === undefined || data === undefined || !isOurs(to.ip, allocation.family)) return;
    allocations.forward(allocation, to.port, data.data);
  };

  const answer = (
    { message, integrityAt, hasFingerprint: fingerprint }: ReceivedStun,
    bytes: Uint8Array,
    client: RelayClient,
    allocation: Allocation | undefined,
  ): void => {
    const { method, transaction } = message;
    const say = (outcome: Outcome, more: readonly StunAttribute[] = [], key?: Uint8Array): void => {
      const isRefused = typeof outcome === "number";
      const attributes = isRefused
        ? [{ is: "error-code", code: outcome, reason: "" } as const, ...more]
        : outcome;
      const answered = { method, class: isRefused ? "error" : "success", transaction, attributes } as const;
      client.send(writeStun(answered, { key, fingerprint }));
    };
    const types = unknownRequired(message);
    const unknown = { is: "unknown-attributes", types } as const;

    if (method === STUN_METHOD.binding) {
      if (types.length > 0) say(420, [unknown]);
      else say([mappedAddress(client)]);
      return;
    }
    if (!isOfTurn(method)) return;
    const signed = authenticate(message, bytes, integrityAt, client, allocation);
    if (typeof signed === "number") {
      const nonce = { is: "nonce", text: nonces.make(client.address) } as const;
      say(signed, signed === 400 ? [] : [{ is: "realm", text: REALM }, nonce]);
    } else if (types.length > 0) say(420, [unknown], signed.key);
    else say(perform(signed, allocation), [], signed.key);
  };

  /** RFC 8489 §9.2.4, in its order, but that what costs least comes first. */
  const authenticate = (
    message: StunMessage,
    bytes: Uint8Array,
    integrityAt: number | null,
    client: RelayClient,
    allocation: Allocation | undefined,
  ): Signed | 400 | 401 | 438 => {
    if (integrityAt === null) return 401;
    const username = attributeOf(message, "username")?.text;
    const nonce = attributeOf(message, "nonce")?.text;
    if (username === undefined || nonce === undefined || attributeOf(message, "realm") === undefined)
      return 400;
    if (!nonces.isGood(nonce, client.address)) return 438;
    const user = parseUsername(username);
    const known = allocation?.username === username ? allocation : null;
    // Who has an allocation keeps it after the credentials have run out: a call is longer than an hour.
    if (user === null || (known === null && user.untilMs <= wall())) return 401;
    const key = known?.key ?? keyFor(username, secret);
    if (!isSignedBy(key, bytes, integrityAt)) return 401;
    return { client, message, username, userId: user.id, key };
  };

  const perform = (signed: Signed, allocation: Allocation | undefined): Outcome => {
    const { method } = signed.message;
    if (allocation !== undefined && allocation.username !== signed.username) return 441;
    if (method === STUN_METHOD.allocate) return allocate(signed, allocation);
    if (allocation === undefined) return 437;
    if (method === STUN_METHOD.refresh) return refresh(signed, allocation);
    return method === STUN_METHOD.createPermission ? permit(signed, allocation) : bind(signed, allocation);
  };

  const allocate = (signed: Signed, allocation: Allocation | undefined): Outcome => {
    const { client, message, username, userId, key } = signed;
    const { transaction } = message;
    const given = ({ family, port }: Allocation): Outcome => [
      { is: "xor-relayed-address", ip: RELAYED_IP[family], port },
      { is: "lifetime", seconds: LIFETIME_S },
      mappedAddress(client),
    ];
    if (allocation !== undefined) {
      const isRepeated = allocation.transaction.every((byte, i) => byte === transaction[i]);
      return isRepeated ? given(allocation) : 437;
    }
    const transport = attributeOf(message, "requested-transport");
    if (transport === undefined) return 400;
    if (transport.protocol !== UDP) return 442;
    const family = familyOf(attributeOf(message, "requested-address-family")?.family ?? ADDRESS_FAMILY.IPv4);
    if (family === null) return 440;
    const wish = { client, username, userId, key, transaction: transaction.slice(), family };
    const made = allocations.make(wish);
    if (made === "of-user") return 486;
    return made === "of-all" ? 508 : given(made);
  };

  const refresh = ({ message }: Signed, allocation: Allocation): Outcome => {
    const asked = attributeOf(message, "requested-address-family");
    if (asked !== undefined && familyOf(asked.family) !== allocation.family) return 443;
    const isEnd = attributeOf(message, "lifetime")?.seconds === 0;
    if (isEnd) allocations.end(allocation);
    else allocation.untilMs = now() + LIFETIME_S * 1000;
    return [{ is: "lifetime", seconds: isEnd ? 0 : LIFETIME_S }];
  };

  const permit = ({ message }: Signed, allocation: Allocation): Outcome => {
    const peers = message.attributes.filter((attribute) => attribute.is === "xor-peer-address");
    const why = whyNot(peers, allocation.family);
    if (why !== null) return why;
    allocation.permittedUntilMs = now() + PERMISSION_MS;
    return [];
  };

  const bind = ({ message }: Signed, allocation: Allocation): Outcome => {
    const channel = attributeOf(message, "channel-number")?.channel;
    const peer = attributeOf(message, "xor-peer-address");
    if (channel === undefined || peer === undefined) return 400;
    if (channel < CHANNELS.first || channel > CHANNELS.last) return 400;
    const why = whyNot([peer], allocation.family);
    if (why !== null) return why;
    const { channels, channelOf } = allocation;
    for (const [number, { port, untilMs }] of channels) {
      if (untilMs > now()) continue;
      channels.delete(number);
      channelOf.delete(port);
    }
    // RFC 8656 §11: a channel keeps its peer, and a peer its channel, for as long as they are bound.
    const [bound, boundTo] = [channels.get(channel)?.port, channelOf.get(peer.port)];
    if ((bound ?? peer.port) !== peer.port || (boundTo ?? channel) !== channel) return 400;
    if (bound === undefined && channels.size >= MAX_CHANNELS) return 508;
    channels.set(channel, { port: peer.port, untilMs: now() + CHANNEL_MS });
    channelOf.set(peer.port, channel);
    allocation.permittedUntilMs = now() + PERMISSION_MS;
    return [];
  };

  return {
    take,
    gone(client) {
      const allocation = allocations.of(client);
      if (allocation !== undefined) allocations.end(allocation);
    },
    size: allocations.size,
    close: allocations.close,
  };
}

function looksLikeStun(bytes: Uint8Array): boolean {
  return bytes.length >= STUN_HEADER_BYTES && MAGIC_COOKIE.every((byte, i) => bytes[4 + i] === byte);
}

function isOfTurn(method: number): boolean {
  const { allocate, refresh, createPermission, channelBind } = STUN_METHOD;
  return [allocate, refresh, createPermission, channelBind].some((known) => known === method);
}

/** Null: all of them can be reached; 403 as for any peer that is not allowed (RFC 8656 §10.2). */
function whyNot(peers: readonly { readonly ip: Uint8Array }[], family: Family): 400 | 403 | 443 | null {
  if (peers.length === 0) return 400;
  if (peers.every(({ ip }) => isOurs(ip, family))) return null;
  return peers.some(({ ip }) => ip.length !== RELAYED_IP[family].length) ? 443 : 403;
}

function isOurs(ip: Uint8Array, family: Family): boolean {
  const ours = RELAYED_IP[family];
  return ip.length === ours.length && ours.every((byte, i) => byte === ip[i]);
}

function familyOf(requested: number): Family | null {
  if (requested === ADDRESS_FAMILY.IPv4) return 4;
  return requested === ADDRESS_FAMILY.IPv6 ? 6 : null;
}

function mappedAddress({ address, port }: RelayClient): StunAttribute {
  return { is: "xor-mapped-address", ip: addressBytes(address), port };
}
