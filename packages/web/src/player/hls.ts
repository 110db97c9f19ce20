import type { PlaybackTicket } from "@colourstream/contract";
import { hasMediaSource } from "./media-source.js";
import { SessionRefused } from "./refused.js";
import type { Failing } from "./ways.js";

/** What an HLS session tells. */
export type HlsEvents = {
  answered(): void;
  connected(): void;
  bytes(): void;
  dead(reason: string, why: Failing): void;
};

/** The playing half of an HLS session: hls.js, or the browser itself. */
export type HlsPlayback = {
  /** When the picture that is on screen now came to the server: its clock, ms since 1970; null while unknown. */
  shownDate(): number | null;
  /** All that has been loaded, in bytes; null where the browser does not tell. */
  loadedBytes(): number | null;
  /** Jumps forward when it has fallen far behind, to be called now and then. */
  keepUp(): void;
  close(): void;
};

/** An LL-HLS session: an address of its own, for as long as it is asked for. */
export type HlsSession = {
  readonly playback: HlsPlayback;
  /** Leaves. `tellServer` false: the server has ended the session already. */
  close(tellServer: boolean): void;
};

/** What a session is opened with. */
export type HlsPorts = {
  readonly video: HTMLVideoElement;
  readonly makeTicket: (signal: AbortSignal) => Promise<PlaybackTicket>;
  readonly events: HlsEvents;
  readonly abort: AbortController;
};

const ANSWER_WITHIN_MS = 8_000;

/** Opens a session and begins to load; rejects when it is refused, late or aborted. hls.js comes with the first one. */
export async function openHls({ video, makeTicket, events, abort }: HlsPorts): Promise<HlsSession> {
  const { signal } = abort;
  const late = setTimeout(() => abort.abort(new Error("no answer within 8 s")), ANSWER_WITHIN_MS);
  try {
    const program = hasMediaSource() ? import("./hls-js.js") : null;
    program?.catch(() => {}); // awaited below, or the session has failed before
    const ticket = await makeTicket(signal);
    const isOwn = ticket.protocol === "hls"; // the embedded engine's: a session that is begun and ended
    const playlist = isOwn ? await begin(ticket, signal) : new URL(ticket.url, document.baseURI).href;
    events.answered();
    const play = program === null ? playNatively : (await program).playWithHlsJs;
    if (signal.aborted && isOwn) leave(playlist);
    signal.throwIfAborted();
    const playback = play(video, playlist, events);
    return {
      playback,
      close(tellServer) {
        playback.close();
        if (tellServer && isOwn) leave(playlist);
      },
    };
  } finally {
    clearTimeout(late);
  }
}

/** Begins a session; gives the address of its playlist. */
async function begin(ticket: PlaybackTicket, signal: AbortSignal): Promise<string> {
  const answer = await fetch(ticket.url, {
    method: "POST",
    headers: { authorization: `Bearer ${ticket.ticket}` },
    signal,
  });
  const location = answer.headers.get("location");
  if (answer.status !== 201 || location === null)
    throw new SessionRefused(answer.status, await answer.text());
  return new URL(location, new URL(ticket.url, document.baseURI)).href;
}

/** The session's own address stands for it; unsaid, it ends by itself when nothing is asked for. */
function leave(playlist: string) {
  const session = playlist.slice(0, playlist.lastIndexOf("/"));
  fetch(session, { method: "DELETE", keepalive: true }).catch(() => {}); // nobody is left to be told
}

/** Lets the browser play the playlist: an iPhone before iOS 17.1. */
function playNatively(video: HTMLVideoElement, playlist: string, events: HlsEvents): HlsPlayback {
  const onLoaded = () => events.connected();
  const onProgress = () => events.bytes();
  const onError = () => {
    const isCodec = video.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
    events.dead(video.error?.message ?? "the browser could not play it", isCodec ? "codec" : "other");
  };
  video.addEventListener("loadedmetadata", onLoaded);
  video.addEventListener("progress", onProgress);
  video.addEventListener("error", onError);
  video.src = playlist;
  return {
    shownDate() {
      const start = (video as typeof video & { getStartDate?: () => Date }).getStartDate?.().getTime();
      return start === undefined || Number.isNaN(start) ? null : start + video.currentTime * 1_000;
    },
    loadedBytes: () => null,
    keepUp() {}, // the browser sees to that itself
    close() {
      video.removeEventListener("loadedmetadata", onLoaded);
      video.removeEventListener("progress", onProgress);
      video.removeEventListener("error", onError);
      video.removeAttribute("src");
      video.load();
    },
  };
}
