import { createHmac, timingSafeEqual } from "node:crypto";

/** Makes and checks nonces (RFC 8489 §9.2.2) without keeping any: each says when and for whom it was made. */
export type Nonces = {
  make(address: string): string;
  /** False: made by somebody else, for another address, or too long ago. */
  isGood(nonce: string, address: string): boolean;
};

const NONCE_MS = 3_600_000; // RFC 8656 §5 asks for a change at least once an hour
const TIME_BYTES = 4;
const MAC_BYTES = 8; // nobody gains by one that is guessed but a second use of a message that they saw

/** Nonces that only `secret` can make. Bound to the address without its port, which a NAT may change. */
export function createNonces(secret: Uint8Array, now: () => number): Nonces {
  const made = (second: number, address: string): Buffer => {
    const time = Buffer.alloc(TIME_BYTES);
    time.writeUInt32BE(second);
    const mac = createHmac("sha256", secret).update(time).update(address).digest();
    return Buffer.concat([time, mac.subarray(0, MAC_BYTES)]);
  };
  return {
    make: (address) => made(Math.floor(now() / 1000), address).toString("base64url"),
    isGood(nonce, address) {
      const given = Buffer.from(nonce, "base64url");
      if (given.length !== TIME_BYTES + MAC_BYTES) return false;
      const second = given.readUInt32BE(0);
      const ageMs = now() - second * 1000;
      return timingSafeEqual(given, made(second, address)) && ageMs >= 0 && ageMs <= NONCE_MS;
    },
  };
}
