import type { Clock } from "../../hub/clock.js";
import { type Answer, nothingHere } from "../../net/http/local-http.js";
import type { UdpPort } from "../../transport/udp-port.js";
import type { IngestDuties } from "../ports.js";

/** What WHIP needs of the engine. The UDP port is the viewers' too. */
export type WhipOptions = IngestDuties & { readonly udp: UdpPort; readonly clock: Clock };

/** WHIP as main.ts holds it. */
export type Whip = {
  /** What is asked of `/whip` and below it. */
  readonly answer: Answer;
  /** Ends all sessions. */
  close(): void;
};

/** Takes publishers in: RFC 9725 over HTTP, media over the viewers' UDP port. */
export function createWhip(_options: WhipOptions): Whip {
  return {
    answer: async () => {
      throw nothingHere(); // not built yet
    },
    close: () => undefined,
  };
}
