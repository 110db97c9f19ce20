import { MAX_PAYLOAD_BYTES, type PayloadWriter } from "./payload-writer.js";

/** RFC 9628 §4.2: predicted from an earlier picture, first packet of the frame, last packet of it. */
const P = 0x40;
const B = 0x08;
const E = 0x04;

/**
 * RFC 9628 §4.2 with the one required byte and no picture id: packets are shared by viewers and may be sent again, and
 * an id that went back would be taken for an old picture. Receivers then go by sequence numbers.
 */
export function packetiseVp9(frames: readonly Uint8Array[], isKeyframe: boolean, out: PayloadWriter): void {
  for (const frame of frames) {
    for (let at = 0; at < frame.length; ) {
      const end = Math.min(frame.length, at + MAX_PAYLOAD_BYTES - 1);
      out.begin();
      out.u8((isKeyframe ? 0 : P) | (at === 0 ? B : 0) | (end === frame.length ? E : 0));
      out.bytes(frame, at, end);
      out.end();
      at = end;
    }
  }
}
