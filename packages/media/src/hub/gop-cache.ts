import type { AudioFrame, VideoFrame } from "./frame.js";

/** 10 s at 60 frames per second, the longest default of the encoders we meet (OBS: 250 frames). */
const MAX_FRAMES = 600;

/** 10 s at 50 Mb/s. */
const MAX_BYTES = 64 * 1024 * 1024;

/** 10 s of packets of 2.5 ms, the shortest that Opus has. */
const MAX_SOUNDS = 4000;

/**
 * The pictures since the last keyframe, for those who join or have lost it. A GOP beyond the bounds is let go whole:
 * without its beginning it is worth nothing, and who joins waits for the next keyframe.
 */
export type GopCache = {
  write(frame: VideoFrame): void;
  /** From the keyframe to the youngest frame; empty when there is none to give. */
  frames(): readonly VideoFrame[];
  writeSound(frame: AudioFrame): void;
  /** The sound as it was sent, from the keyframe's time on. */
  sounds(): readonly AudioFrame[];
  clear(): void;
};

export function createGopCache(): GopCache {
  let frames: VideoFrame[] = [];
  let sounds: AudioFrame[] = [];
  let bytes = 0;
  const clear = () => {
    frames = [];
    sounds = [];
    bytes = 0;
  };
  return {
    write(frame) {
      if (frame.unit.isKeyframe) {
        const following = sounds.filter((sound) => sound.unit.pts >= frame.unit.pts); // it may arrive before its picture
        clear();
        sounds = following;
      } else if (frames.length === 0) return;
      frames.push(frame);
      bytes += frame.bytes;
      if (frames.length > MAX_FRAMES || bytes > MAX_BYTES) clear();
    },
    frames: () => frames.slice(),
    writeSound(frame) {
      if (frames.length > 0 && sounds.length < MAX_SOUNDS) sounds.push(frame);
    },
    sounds: () => sounds.slice(),
    clear,
  };
}
