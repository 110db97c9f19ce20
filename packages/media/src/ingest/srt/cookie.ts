import { createHmac, timingSafeEqual } from "node:crypto";

/** Makes and checks the cookies that prove where a caller is before anything is kept of it. */
export type Cookies = {
  make(address: string, port: number, socketId: number): number;
  isGood(cookie: number, address: string, port: number, socketId: number): boolean;
};

/** A cookie is good in the minute that it was made in and in the next one (draft-sharabayko-srt §4.3.1.1). */
const MINUTE_MS = 60_000;

/** Cookies that only `secret` can make. */
export function createCookies(secret: Uint8Array, now: () => number): Cookies {
  function cookieOf(address: string, port: number, socketId: number, minute: number): Buffer {
    const mac = createHmac("sha256", secret).update(`${minute} ${socketId} ${port} ${address}`).digest();
    return mac.subarray(0, 4);
  }
  const minute = () => Math.floor(now() / MINUTE_MS);

  return {
    // 0 stands for "no cookie yet" in an induction: one in four milliards, and then the caller tries again
    make: (address, port, socketId) => cookieOf(address, port, socketId, minute()).readUInt32BE(0),
    isGood(cookie, address, port, socketId) {
      const given = Buffer.alloc(4);
      given.writeUInt32BE(cookie);
      const isThisMinute = timingSafeEqual(given, cookieOf(address, port, socketId, minute()));
      const isLastMinute = timingSafeEqual(given, cookieOf(address, port, socketId, minute() - 1));
      return isThisMinute || isLastMinute;
    },
  };
}
