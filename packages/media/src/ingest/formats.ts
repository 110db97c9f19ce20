import type { AudioFormat, VideoFormat } from "../hub/access-unit.js";
import type { Publication } from "../hub/ports.js";
import { startReorderWatch } from "./reorder-watch.js";

/** A format whose reordering may have to be found out from time stamps. */
export type TrackFormat = Omit<VideoFormat, "reorderFrames"> & { readonly reorderFrames: number | null };

/** Tells the hub of formats: before the first unit, and again only when something has changed. */
export type FormatTeller = {
  /** Called for every picture in decoding order, before it is written; `format` keeps its parameter sets while they are the same. */
  video(format: TrackFormat, pts: number, isKeyframe: boolean): void;
  audio(format: AudioFormat): void;
};

/** Starts for one publisher that has told nothing yet. */
export function startFormatTeller(publication: Publication): FormatTeller {
  let codec: VideoFormat["codec"] | null = null;
  let reorder = startReorderWatch();
  let toldVideo: VideoFormat | null = null;
  let toldAudio: AudioFormat | null = null;
  return {
    video(format, pts, isKeyframe) {
      if (format.codec !== codec) reorder = startReorderWatch();
      codec = format.codec;
      const seen = reorder.see(pts, isKeyframe);
      const next: VideoFormat = { ...format, reorderFrames: format.reorderFrames ?? seen };
      if (toldVideo !== null && isSameVideoFormat(toldVideo, next)) return;
      toldVideo = next;
      publication.videoFormat(next);
    },
    audio(format) {
      if (isSameAudioFormat(toldAudio, format)) return;
      toldAudio = format;
      publication.audioFormat(format);
    },
  };
}

function isSameVideoFormat(a: VideoFormat, b: VideoFormat): boolean {
  const { parameterSets: setsA, ...restA } = a;
  const { parameterSets: setsB, ...restB } = b;
  if (setsA.length !== setsB.length || !setsA.every((set, i) => set === setsB[i])) return false;
  const keys = Object.keys(restA) as (keyof typeof restA)[];
  return keys.every(
    (key) => restA[key] === restB[key] || JSON.stringify(restA[key]) === JSON.stringify(restB[key]),
  );
}

function isSameAudioFormat(a: AudioFormat | null, b: AudioFormat): boolean {
  if (a === null || a.codec !== b.codec || a.sampleRate !== b.sampleRate || a.channels !== b.channels)
    return false;
  return a.config.length === b.config.length && a.config.every((byte, i) => byte === b.config[i]);
}
