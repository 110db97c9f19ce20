import type { Recording, RunningRecording } from "@colourstream/contract";

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** "940 bytes", "12 kB", "3.4 GB": in thousands, as disks are sold and file managers count. */
export function bytesWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 and more would read "1000 MB".
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const isRound = unit === 0 || value >= 9.95;
  return `${isRound ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** "0:07", "12:30", "1:02:03": a length as players write it, rounded down. */
export function lengthWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}

/** What is being done with a recording, in a word or two. */
export function stateWords(state: Recording["state"]): string {
  switch (state) {
    case "recording":
      return "Recording";
    case "finalising":
      return "Being finished";
    case "ready":
      return "Ready";
    case "broken":
      return "Broken";
  }
}

/** Why a recording ended by itself, and what to do. */
export function stoppedWords(stopped: NonNullable<RunningRecording["stopped"]>): string {
  return stopped === "disk-full"
    ? "The recording has stopped because the disk is full. What was recorded until then is kept, and the stream and the review go on. Delete recordings, or make room on the machine, and record again."
    : "The recording has stopped because its file could not be written. What was recorded until then is kept, and the stream and the review go on.";
}

/** How full the disk is, in a line: "Recordings use 12 GB; 230 GB free". */
export function diskWords(disk: { readonly usedBytes: number; readonly freeBytes: number }): string {
  const used =
    disk.usedBytes === 0 ? "Recordings use no space" : `Recordings use ${bytesWords(disk.usedBytes)}`;
  return `${used}; ${bytesWords(disk.freeBytes)} free`;
}

/** Codec and size, such as "H.264 High 4:2:2, 1920 × 1080". */
export function pictureWords(video: Recording["video"]): string {
  return video === null ? "–" : `${video.codec}, ${video.width} × ${video.height}`;
}

/** The recordings whose name, or whose room's name, holds every word that was typed. */
export function searched(recordings: readonly Recording[], typed: string): Recording[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return recordings.filter(({ name, room }) => {
    const text = `${name} ${room.name}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
