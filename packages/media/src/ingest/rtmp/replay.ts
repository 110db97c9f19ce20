import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ChunkReader } from "../../wire/rtmp/chunk-reader.js";
import { HANDSHAKE_BYTES } from "../../wire/rtmp/handshake.js";
import { type Message, parseMessage } from "../../wire/rtmp/message.js";
import { type RecordedPublisher, startRecordingHub } from "./recording-hub.js";
import { type PublishRequest, type RtmpSession, startRtmpSession } from "./session.js";
import { toUnits, type UnitSource } from "./to-units.js";

/** The recorded sessions; read from the source tree, also when run from dist. */
export const FIXTURE_NAMES = [
  "ffmpeg-b-frames.rtmp",
  "ffmpeg-zerolatency.rtmp",
  "ffmpeg-extended-timestamp.rtmp",
  "ffmpeg-31-bit-wrap.rtmp",
  "gstreamer-rtmp2sink.rtmp",
  "ffmpeg8-hevc-opus.rtmp",
  "ffmpeg8-av1.rtmp",
  "ffmpeg8-vp9.rtmp",
  "ffmpeg8-multitrack.rtmp",
] as const;

/** The bytes of one recorded session. */
export function readFixture(name: (typeof FIXTURE_NAMES)[number]): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../../src/ingest/rtmp/fixtures/${name}`, import.meta.url)));
}

/** A session without a socket, whose publishes are all let in; for tests. */
export type Replay = {
  readonly session: RtmpSession;
  readonly requests: PublishRequest[];
  readonly publishers: RecordedPublisher[];
  readonly warnings: string[];
  /** What the session has answered since the last call. */
  answers(): Message[];
  /** Milliseconds on the session's clock: 40 more with each feed, unless set. */
  nowMs: number;
};

/** Starts a replay; `admit` false leaves publishes undecided. */
export function startReplay(admit = true): Replay {
  const { hub, publishers } = startRecordingHub();
  const sent: Uint8Array[] = [];
  const reader = new ChunkReader(1024 * 1024);
  const requests: PublishRequest[] = [];
  const warnings: string[] = [];
  let units: UnitSource | null = null;
  let handshakeLeft = 1 + 2 * HANDSHAKE_BYTES;
  let answered = 0;

  const session = startRtmpSession({
    random: (bytes) => new Uint8Array(bytes),
    events: {
      send: (bytes) => sent.push(bytes),
      publishAsked(request) {
        requests.push(request);
        if (!admit) return;
        const source = { protocol: "rtmp", address: "127.0.0.1", encoder: request.encoder } as const;
        const publication = hub.publish(`${request.key}#${requests.length}`, {
          source,
          end: () => {},
          isDead: () => false,
          requestKeyframe: null,
          link: () => null,
        });
        if (publication === "already-live") throw new Error("the recording hub has this stream already");
        units = toUnits(publication, (reason) => warnings.push(reason));
        session.accept();
      },
      media: (message) => units?.take(message, replay.nowMs),
      unpublished: () => {
        const publisher = publishers.at(-1);
        if (publisher !== undefined) publisher.closed = "ended";
      },
    },
  });

  const replay: Replay = {
    session,
    requests,
    publishers,
    warnings,
    nowMs: 0,
    answers() {
      for (; answered < sent.length; answered++) {
        const bytes = sent[answered] ?? new Uint8Array(0);
        const skip = Math.min(handshakeLeft, bytes.length);
        handshakeLeft -= skip;
        reader.push(bytes.subarray(skip));
      }
      const messages: Message[] = [];
      for (let raw = reader.next(); raw !== null; raw = reader.next()) {
        const message = parseMessage(raw.type, raw.payload);
        if (message.is === "set-chunk-size") reader.chunkSize = message.bytes;
        messages.push(message);
      }
      return messages;
    },
  };
  return replay;
}

/** Feeds all bytes in pieces of these lengths, 40 ms apart at most. */
export function feedInPieces(replay: Replay, bytes: Uint8Array, pieces: () => number): void {
  for (let at = 0; at < bytes.length; ) {
    const length = pieces();
    replay.session.feed(bytes.subarray(at, at + length));
    at += length;
  }
}

/** SHA-256, the first 16 hex digits, over the lengths and bytes of all pieces. */
export function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) {
    hash.update(`${piece.length}:`);
    hash.update(piece);
  }
  return hash.digest("hex").slice(0, 16);
}
