import type { Publication } from "../../hub/ports.js";
import { startPacketSync } from "../../wire/mpegts/packet-sync.js";
import type { ElementaryStream } from "../../wire/mpegts/psi.js";
import { NULL_PID, parseTsPacket, type TsPacket } from "../../wire/mpegts/ts-packet.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { startFormatTeller } from "../formats.js";
import { type Pes, type PesAssembly, startPesAssembly } from "./pes-assembly.js";
import { startPictureTrack } from "./picture-track.js";
import { startProgram } from "./program.js";
import { startSoundTrack } from "./sound-track.js";
import { codecName, type TrackKind, trackKindOf } from "./track-kinds.js";
import { startTsClock } from "./ts-clock.js";

/** Turns a transport stream into access units. All calls return at once. */
export type TsSource = {
  /**
   * The next bytes, any number of them, in order. `isShort`: the message that they came in was shorter than the
   * sender's usual one, so a frame may end here. Throws `ProtocolError` only where nothing of it is MPEG-TS.
   */
  take(bytes: Uint8Array, arrivedAtMs: number, isShort: boolean): void;
  /** Bytes are missing here: what was begun is damaged and is left out. */
  lost(): void;
  /** Nothing more comes: hands on what is whole. */
  end(arrivedAtMs: number): void;
};

/** A track that is passed on. */
type Track = { readonly pid: number; readonly kind: string; readonly assembly: PesAssembly };

type Chosen = { readonly stream: ElementaryStream; readonly kind: TrackKind };

/** A stream that is damaged for ever must not fill the log, nor one that says something new for ever the studio's list. */
const MAX_SKIPS_TOLD = 8;
const MAX_NOTICES = 16;

/** Demultiplexes into `publication`: the first picture and the first sound of the programme; others are a notice. */
export function tsToUnits(publication: Publication, skipped: (reason: string) => void): TsSource {
  const sync = startPacketSync();
  const formats = startFormatTeller(publication);
  const clock = startTsClock();
  const program = startProgram({
    tracks: chooseTracks,
    others: (programs) =>
      notice(`The encoder sends ${programs} programmes in one stream; only the first is shown.`),
    skipped: skip,
  });
  const noticed = new Set<string>();
  let skips = 0;
  let video: Track | null = null;
  let audio: Track | null = null;
  let lastTrack: Track | null = null; // that of the packet taken last; null: it was of none
  let nowMs = 0; // of the bytes being taken

  function notice(text: string): void {
    if (noticed.has(text) || noticed.size >= MAX_NOTICES) return;
    noticed.add(text);
    publication.notice(text);
  }

  function skip(reason: string): void {
    if (++skips <= MAX_SKIPS_TOLD) skipped(reason);
  }

  function chooseTracks(streams: readonly ElementaryStream[]): void {
    const kinds = streams.map((stream) => ({ stream, kind: trackKindOf(stream) }));
    video = chooseTrack("video", kinds, video);
    audio = chooseTrack("audio", kinds, audio);
  }

  /** The first track that can be passed on; the one there is, as long as the table has it, keeps its state. */
  function chooseTrack(of: "video" | "audio", kinds: readonly Chosen[], current: Track | null): Track | null {
    const same = kinds.find(
      ({ stream, kind }) => stream.pid === current?.pid && keyOf(kind) === current.kind,
    );
    const chosen = same ?? kinds.find(({ kind }) => kind.is === of);
    for (const { stream, kind } of kinds) {
      if (kind.is === "foreign" && kind.of === of) notice(foreignNotice(of, kind.name));
      if (kind.is === of && stream !== chosen?.stream) {
        notice(
          `Only the first ${of} track is passed on; PID ${stream.pid} (${codecName(kind)}) is left out.`,
        );
      }
    }
    if (chosen === undefined) return null;
    return same === undefined ? startTrack(chosen) : current;
  }

  function startTrack({ stream, kind }: Chosen): Track | null {
    if (kind.is === "video") {
      const pictures = startPictureTrack(kind.codec, {
        format: formats.video,
        write: publication.write,
        notice,
      });
      const times = clock.track();
      const take = (pes: Pes) => {
        const { pts, dts } = times.place(pes.header) ?? {};
        if (pts === undefined || dts === undefined) skip("a picture has no time stamp");
        else pictures.take(pes, pts, dts, nowMs);
      };
      return { pid: stream.pid, kind: keyOf(kind), assembly: assemble("a picture", take, () => {}) };
    }
    if (kind.is !== "audio") return null;
    const { write } = publication;
    const sound = startSoundTrack(kind, { format: formats.audio, write, notice, skipped: skip });
    const times = clock.track();
    const take = (pes: Pes) =>
      sound.take(pes.payload, pes.header.pts === null ? null : (times.place(pes.header)?.pts ?? null), nowMs);
    return { pid: stream.pid, kind: keyOf(kind), assembly: assemble("sound", take, sound.lost) };
  }

  function assemble(what: string, take: (pes: Pes) => void, gap: () => void): PesAssembly {
    return startPesAssembly({
      pes(pes) {
        try {
          take(pes);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          skip(`${what} was left out: ${error.message}`);
        }
      },
      skipped: (reason) => skip(`${what} was left out: ${reason}`),
      gap,
    });
  }

  function takePacket(bytes: Uint8Array): void {
    lastTrack = null;
    let packet: TsPacket;
    try {
      packet = parseTsPacket(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      skip(error.message);
      return;
    }
    const { pid } = packet;
    if (pid === NULL_PID || packet.hasError) return; // what is marked as damaged is missed by its counter
    if (packet.scrambling !== 0) {
      notice("The encoder's stream is scrambled (conditional access): it cannot be shown.");
      return;
    }
    if (program.take(packet)) return;
    if (pid === video?.pid) lastTrack = video;
    else if (pid === audio?.pid) lastTrack = audio;
    lastTrack?.assembly.take(packet);
  }

  return {
    take(bytes, arrivedAtMs, isShort) {
      nowMs = arrivedAtMs;
      sync.take(bytes, takePacket);
      if (isShort && sync.isAtBoundary()) lastTrack?.assembly.messageEnds();
    },
    lost() {
      sync.lost();
      program.lost();
      video?.assembly.lost();
      audio?.assembly.lost();
    },
    end(arrivedAtMs) {
      nowMs = arrivedAtMs;
      video?.assembly.end();
      audio?.assembly.end();
    },
  };
}

function keyOf(kind: TrackKind): string {
  return JSON.stringify(kind);
}

function foreignNotice(of: "video" | "audio", name: string): string {
  return of === "video"
    ? `The picture in ${name} cannot be passed on; send H.264 or HEVC.`
    : `The sound in ${name} cannot be passed on; send AAC or Opus.`;
}
