import type { Page } from "@playwright/test";
import { readBarcode } from "./barcode.js";

/** One numbered frame that a page got. */
export type SeenFrame = {
  readonly frame: number;
  /** The barcode's time: when the frame was drawn, wall clock modulo 2^32. */
  readonly drawnMs: number;
  /** Wall clock of the page when it saw it. */
  readonly seenMs: number;
  readonly width: number;
  readonly height: number;
};

/** What a page has seen since the last `clear`. */
export type Seen = {
  /** Every frame that came out of the decoder, from the received track. */
  readonly decoded: readonly SeenFrame[];
  /** Frames that the browser composed, read from the `<video>` by a canvas. */
  readonly shown: readonly SeenFrame[];
  /** Frames whose barcode could not be read: damaged, or a picture without one. */
  readonly unread: number;
};

type Watch = { decoded: SeenFrame[]; shown: SeenFrame[]; unread: number };
type WatchedWindow = Window & { __pictureWatch: Watch; __peers: RTCPeerConnection[] };

/** What the browser's own receiver counts of the pictures, over the page's life. */
export type DecoderCounts = {
  readonly packetsLost: number;
  readonly framesReceived: number;
  readonly framesDecoded: number;
  /** Requests for a keyframe: the decoder could not go on. */
  readonly pliCount: number;
};

/**
 * Watches every `<video>` of the page from its first script on. `decoded` taps the track itself, so a compositor that
 * skips frames on a busy machine is not mistaken for a stream with gaps; without `tapsTracks` it stays empty, which
 * costs less while time is measured.
 */
export async function watchPictures(page: Page, tapsTracks = true): Promise<void> {
  await page.addInitScript(`(${pageWatch.toString()})(${readBarcode.toString()}, ${tapsTracks})`);
}

/** What the page has seen so far. */
export function seen(page: Page): Promise<Seen> {
  return page.evaluate(() => (window as unknown as WatchedWindow).__pictureWatch);
}

/** What the page's decoders have counted so far. */
export function decoderCounts(page: Page): Promise<DecoderCounts> {
  return page.evaluate(async () => {
    const counts = { packetsLost: 0, framesReceived: 0, framesDecoded: 0, pliCount: 0 };
    for (const peer of (window as unknown as WatchedWindow).__peers) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== "inbound-rtp" || report.kind !== "video") continue;
        for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += report[name] ?? 0;
      }
    }
    return counts;
  });
}

/** Forgets what was seen. */
export async function forgetSeen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watch = (window as unknown as WatchedWindow).__pictureWatch;
    watch.decoded.length = 0;
    watch.shown.length = 0;
    watch.unread = 0;
  });
}

/** Waits until the page shows a frame that was drawn after `drawnAfterMs` (wall clock) and gives it. */
export async function waitForPicture(
  page: Page,
  drawnAfterMs: number,
  deadlineMs: number,
): Promise<SeenFrame> {
  const handle = await page.waitForFunction(
    (afterMs) =>
      (window as unknown as WatchedWindow).__pictureWatch.shown.find(
        (one) => ((one.drawnMs - afterMs + 2 ** 31) % 2 ** 32) - 2 ** 31 > 0,
      ),
    Math.floor(drawnAfterMs) % 2 ** 32,
    { timeout: deadlineMs, polling: 50 },
  );
  const frame = await handle.jsonValue();
  if (frame === undefined) throw new Error("the picture was there and then was not");
  return frame;
}

/** The numbers that are missing between the first and the last of these frames. */
export function missingNumbers(frames: readonly SeenFrame[]): number[] {
  const numbers = new Set(frames.map((one) => one.frame));
  const first = Math.min(...numbers);
  const last = Math.max(...numbers);
  const missing: number[] = [];
  for (let number = first; number <= last; number += 1) if (!numbers.has(number)) missing.push(number);
  return missing;
}

/** Runs in the page: must stand alone. */
function pageWatch(read: typeof readBarcode, tapsTracks: boolean): void {
  const MAX_FRAMES = 100_000;
  const watch: Watch = { decoded: [], shown: [], unread: 0 };
  (window as unknown as WatchedWindow).__pictureWatch = watch;
  const peers: RTCPeerConnection[] = [];
  (window as unknown as WatchedWindow).__peers = peers;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
    }
  };
  const tracks = new WeakSet<MediaStreamTrack>();
  const videos = new WeakSet<HTMLVideoElement>();
  const cell = 16;
  const now = () => performance.timeOrigin + performance.now();
  const rowsFor = (width: number) => Math.ceil(72 / Math.floor(width / cell)) * cell;

  function note(
    list: SeenFrame[],
    samples: Uint8Array | Uint8ClampedArray,
    at: Omit<SeenFrame, "frame" | "drawnMs">,
    stride: number,
    step: number,
  ): void {
    const code = read({ width: at.width, samples, stride, step });
    if (code === null) watch.unread += 1;
    else if (list.length < MAX_FRAMES) list.push({ frame: code.frame, drawnMs: code.timeMs, ...at });
  }

  async function tap(track: MediaStreamTrack): Promise<void> {
    // biome-ignore lint/suspicious/noExplicitAny: TypeScript's DOM library does not know this interface yet
    const Processor = (window as any).MediaStreamTrackProcessor;
    const reader = new Processor({ track, maxBufferSize: 60 }).readable.getReader();
    let bytes = new Uint8Array(0);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const seenMs = now();
      const { width, height } = value.visibleRect;
      const options = {
        rect: { x: value.visibleRect.x, y: value.visibleRect.y, width, height: rowsFor(width) },
      };
      const needed = value.allocationSize(options);
      if (bytes.length !== needed) bytes = new Uint8Array(needed);
      const layout = await value.copyTo(bytes, options);
      const step = /^(RGB|BGR)/.test(value.format) ? 4 : 1;
      value.close();
      note(watch.decoded, bytes, { width, height, seenMs }, layout[0].stride, step);
    }
  }

  function look(video: HTMLVideoElement): void {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("no 2d canvas");
    const onFrame = () => {
      const seenMs = now();
      const { videoWidth: width, videoHeight: height } = video;
      video.requestVideoFrameCallback(onFrame);
      if (width < 128) return; // the first callback may come before the size is known
      const rows = rowsFor(width);
      if (canvas.width !== width || canvas.height !== rows) {
        canvas.width = width;
        canvas.height = rows;
      }
      context.drawImage(video, 0, 0, width, rows, 0, 0, width, rows);
      const { data } = context.getImageData(0, 0, width, rows);
      note(watch.shown, data, { width, height, seenMs }, width * 4, 4);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  setInterval(() => {
    for (const video of document.querySelectorAll("video")) {
      if (!videos.has(video)) {
        videos.add(video);
        look(video);
      }
      if (!tapsTracks) continue;
      const stream = video.srcObject;
      const track = stream instanceof MediaStream ? stream.getVideoTracks()[0] : undefined;
      if (track === undefined || tracks.has(track)) continue;
      tracks.add(track);
      void tap(track);
    }
  }, 20);
}
