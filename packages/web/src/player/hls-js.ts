import Hls, { type ErrorData, type HlsConfig } from "hls.js";
import type { HlsEvents, HlsPlayback } from "./hls.js";

const RETRY = { maxNumRetry: 6, retryDelayMs: 300, maxRetryDelayMs: 2_000, backoff: "linear" } as const;
/** A blocking reload is held by the server until there is something new, some seconds at most (RFC 8216bis §6.2.5.2). */
const LOADED = {
  default: {
    maxTimeToFirstByteMs: 8_000,
    maxLoadTimeMs: 12_000,
    timeoutRetry: RETRY,
    errorRetry: RETRY,
  },
};

/** Each stall keeps that much more in the buffer, so that a line that needs it gets it, and no other. */
const STALL_ADDS_SECONDS = 0.25;

/**
 * `liveSyncDuration…` is left alone: it would override the playlist's PART-HOLD-BACK. The rate is never changed to
 * catch up: a picture is judged here, and sound, so it jumps once instead (`keepUp`). No worker: our policy lets no
 * blob run, and fMP4 is passed on as it is.
 */
const CONFIG: Partial<HlsConfig> = {
  enableWorker: false,
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: STALL_ADDS_SECONDS,
  backBufferLength: 4,
  maxBufferLength: 8,
  maxMaxBufferLength: 8,
  startFragPrefetch: true,
  playlistLoadPolicy: LOADED,
  manifestLoadPolicy: LOADED,
  fragLoadPolicy: LOADED,
};

const BEHIND_SECONDS = 0.75;
const BEHIND_FOR_MS = 3_000;
/** From one jump to the next at least: twice as long each time, as a machine that falls behind again will do so again. */
const FIRST_PAUSE_MS = 15_000;
/** What is loaded beyond the place that is jumped to: a jump must not end in a halt. */
const AHEAD_SECONDS = 0.5;

const NO_CODEC = new Set<string>([
  Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR,
  Hls.ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR,
  Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
]);

/** Plays a low-latency playlist through Media Source Extensions. */
export function playWithHlsJs(video: HTMLVideoElement, playlist: string, events: HlsEvents): HlsPlayback {
  const hls = new Hls(CONFIG);
  let loaded = 0;
  let hasRecovered = false;
  let behindSinceAt: number | null = null;
  let mayJumpAt = 0;
  let pauseMs = FIRST_PAUSE_MS;

  hls.on(Hls.Events.MANIFEST_PARSED, () => events.connected());
  hls.on(Hls.Events.FRAG_LOADED, (_event, { frag, part }) => {
    loaded += part?.stats.loaded ?? frag.stats.loaded;
    events.bytes();
  });
  hls.on(Hls.Events.ERROR, (_event, error) => onError(error));
  hls.attachMedia(video);
  hls.loadSource(playlist);

  function onError({ fatal, type, details }: ErrorData) {
    if (!fatal) return; // hls.js sees to it
    if (NO_CODEC.has(details)) events.dead(details, "codec");
    else if (type === Hls.ErrorTypes.MEDIA_ERROR && !hasRecovered) {
      hasRecovered = true;
      hls.recoverMediaError();
    } else events.dead(details, type === Hls.ErrorTypes.MEDIA_ERROR ? "codec" : "other");
  }

  return {
    shownDate: () => hls.playingDate?.getTime() ?? null,
    loadedBytes: () => loaded,
    keepUp() {
      const now = performance.now();
      const { latency, targetLatency, liveSyncPosition } = hls;
      const isBehind = targetLatency !== null && latency > targetLatency + BEHIND_SECONDS;
      behindSinceAt = isBehind ? (behindSinceAt ?? now) : null;
      if (behindSinceAt === null || now - behindSinceAt < BEHIND_FOR_MS) return;
      const { buffered } = video;
      if (liveSyncPosition === null || now < mayJumpAt || buffered.length === 0) return;
      const place = Math.min(liveSyncPosition, buffered.end(buffered.length - 1) - AHEAD_SECONDS);
      if (place <= video.currentTime) return;
      mayJumpAt = now + pauseMs;
      pauseMs *= 2;
      behindSinceAt = null;
      video.currentTime = place;
    },
    close() {
      hls.destroy();
    },
  };
}
