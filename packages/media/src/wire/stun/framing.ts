import { ProtocolError } from "../protocol-error.js";
import { MAGIC_COOKIE } from "./attribute.js";
import { STUN_HEADER_BYTES } from "./message.js";

/** The longest message that is taken from a stream: WebRTC sends datagrams of at most its MTU, some 1,500 bytes. */
export const MAX_STUN_BYTES = 4096;

const NOTHING: Uint8Array = new Uint8Array(0);

/** Cuts a TCP stream into STUN and ChannelData messages (RFC 8489 §6.2.2, RFC 8656 §3.1 and §12.5). */
export type StunFramer = {
  /** The messages that are complete with these bytes. Throws `ProtocolError` when it cannot go on. */
  take(bytes: Uint8Array): Uint8Array[];
};

/** Keeps what came of a message that is not complete: less than `MAX_STUN_BYTES`. */
export function createStunFramer(): StunFramer {
  let waiting = NOTHING;
  return {
    take(bytes) {
      let rest = waiting.length === 0 ? bytes : new Uint8Array(Buffer.concat([waiting, bytes]));
      const messages: Uint8Array[] = [];
      for (;;) {
        const length = lengthOf(rest);
        if (length === null || length > rest.length) break;
        messages.push(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      waiting = rest.slice();
      return messages;
    },
  };
}

/** How long the message is that begins here, padding included; null: that has not arrived yet. */
function lengthOf(bytes: Uint8Array): number | null {
  const [first, , high, low] = bytes;
  const isStun = first !== undefined && first < 0x40;
  if (first !== undefined && first >= 0x50) throw new ProtocolError("stun", "neither STUN nor a channel", 0);
  if (first === undefined || high === undefined || low === undefined) return null;
  const announced = high * 256 + low;
  const length = isStun ? STUN_HEADER_BYTES + announced : 4 + announced + ((4 - (announced % 4)) % 4);
  if (length > MAX_STUN_BYTES) throw new ProtocolError("stun", `a message of ${length} bytes`, 0);
  const cookie = bytes.subarray(4, 8);
  if (isStun && cookie.some((byte, i) => byte !== MAGIC_COOKIE[i]))
    throw new ProtocolError("stun", "not STUN: another cookie", 4);
  return length;
}
