import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../hub/clock.js";
import { nothingHere } from "../../net/http/local-http.js";
import { RequestProblem } from "../../net/http/problem.js";
import { writeMultivariantPlaylist } from "../../wire/mp4/playlist.js";
import type { Found, Packager } from "./packager.js";

/** A request waits no longer for what is to come; the playlist is then given as it stands. */
const WAIT_MS = 6000;

/** A receiver that takes nothing for so long has gone. */
const STUCK_MS = 20_000;

/** A playlist may be asked for so many segments ahead (RFC 8216bis §6.2.5.2). */
const MAX_AHEAD = 2;

const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
const MEDIA_PLAYLIST = "stream.m3u8";

/** What a session may be asked for, and when it is over. */
export type Visit = {
  readonly packager: Packager;
  readonly clock: Clock;
  /** True once the session is over: nothing more is given. */
  isOver(): boolean;
};

/** Answers what stands below a session's address: playlists, initialisation segments, parts and segments. */
export async function serveFile(
  name: string,
  visit: Visit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { packager } = visit;
  if (name === "index.m3u8") {
    await wait(visit, response, () => packager.variant(MEDIA_PLAYLIST) !== null);
    const variant = packager.variant(MEDIA_PLAYLIST);
    if (variant === null) throw notYet();
    sendPlaylist(request, response, writeMultivariantPlaylist(variant));
    return;
  }
  if (name === MEDIA_PLAYLIST) {
    await waitForEdge(visit, request, response);
    const playlist = packager.playlist();
    if (playlist === null) throw notYet();
    sendPlaylist(request, response, playlist);
    return;
  }
  const found = await find(name, visit, response);
  if (found === null) throw nothingHere();
  await sendMedia(request, response, found, visit.clock);
}

const INIT_NAME = /^init-(\d{1,9})\.mp4$/;
const PART_NAME = /^(\d{1,9})\.(\d{1,4})\.m4s$/;
const SEGMENT_NAME = /^(\d{1,9})\.m4s$/;

async function find(name: string, visit: Visit, response: ServerResponse): Promise<Found | null> {
  const { packager } = visit;
  const init = INIT_NAME.exec(name);
  if (init !== null) return packager.init(Number(init[1]));
  const segment = SEGMENT_NAME.exec(name);
  if (segment !== null) return packager.segment(Number(segment[1]));
  const part = PART_NAME.exec(name);
  if (part === null) return null;
  const [number, index] = [Number(part[1]), Number(part[2])];
  // The part that was hinted at is held until it is there (RFC 8216bis §6.2.6).
  await wait(visit, response, () => packager.part(number, index) !== "not-yet");
  const found = packager.part(number, index);
  if (found === "not-yet") throw notYet();
  return found;
}

/** RFC 8216bis §6.2.5.2: `_HLS_msn` and `_HLS_part` ask for a playlist that has that segment or part. */
async function waitForEdge(visit: Visit, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { packager } = visit;
  await wait(visit, response, () => packager.playlist() !== null);
  const query = new URLSearchParams((request.url ?? "").split("?")[1] ?? "");
  const segment = wholeNumber(query, "_HLS_msn");
  const part = wholeNumber(query, "_HLS_part");
  if (segment === null) {
    if (part === null) return;
    throw badQuery("_HLS_part needs _HLS_msn");
  }
  const edge = packager.edge();
  if (segment > edge.segment + MAX_AHEAD) {
    throw badQuery(`_HLS_msn is ${segment}, the playlist is at ${edge.segment}`);
  }
  await wait(visit, response, () => packager.isEnded() || packager.has(segment, part));
}

function wholeNumber(query: URLSearchParams, name: string): number | null {
  const value = query.get(name);
  if (value === null) return null;
  if (!/^\d{1,9}$/.test(value)) throw badQuery(`${name} is not a whole number`);
  return Number(value);
}

/** Until it is so, the wait is over, the session is, or whoever asks has gone. */
function wait(
  { packager, clock, isOver }: Visit,
  response: ServerResponse,
  isThere: () => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (isOver()) end(nothingHere());
      else if (isThere()) end(null);
    };
    const gone = () => end(nothingHere());
    let stopTimer = () => {};
    let stopListening: (() => void) | null = () => {};
    let isDone = false;
    const end = (problem: RequestProblem | null) => {
      if (isDone) return;
      isDone = true;
      stopTimer();
      stopListening?.();
      response.off("close", gone);
      if (problem === null) resolve();
      else reject(problem);
    };
    look();
    if (isDone) return;
    stopListening = packager.onChange(look);
    if (stopListening === null) {
      end(new RequestProblem(503, "too_many_waiting", "too many requests wait", { "retry-after": "1" }));
      return;
    }
    stopTimer = clock.after(WAIT_MS, () => end(null));
    response.once("close", gone);
  });
}

function sendPlaylist(request: IncomingMessage, response: ServerResponse, text: string): void {
  response.writeHead(200, {
    "content-type": PLAYLIST_TYPE,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : text);
}

async function sendMedia(
  request: IncomingMessage,
  response: ServerResponse,
  { pieces }: Found,
  clock: Clock,
): Promise<void> {
  response.writeHead(200, {
    "content-type": "video/mp4",
    "content-length": pieces.reduce((sum, piece) => sum + piece.length, 0),
    "cache-control": "private, max-age=600, immutable",
  });
  if (request.method !== "HEAD") {
    for (const piece of pieces) {
      if (!response.write(piece) && !(await drained(response, clock))) return;
    }
  }
  response.end();
}

/** False when the receiver has gone or stands still, whose connection is then closed. */
function drained(response: ServerResponse, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isDrained: boolean) => {
      stop();
      response.off("drain", onDrain);
      response.off("close", onClose);
      if (!isDrained) response.destroy();
      resolve(isDrained);
    };
    const onDrain = () => end(true);
    const onClose = () => end(false);
    const stop = clock.after(STUCK_MS, onClose);
    response.once("drain", onDrain);
    response.once("close", onClose);
    if (response.destroyed) onClose();
  });
}

function badQuery(message: string): RequestProblem {
  return new RequestProblem(400, "bad_request", message);
}

function notYet(): RequestProblem {
  return new RequestProblem(503, "not_yet", "nothing has come to show yet", { "retry-after": "1" });
}
