import type { PlaybackTicket } from "@colourstream/contract";
import { SessionRefused } from "../../player/refused.js";
import { nothingLearnt, openWebRtc } from "../../player/webrtc.js";
import type { WebRtcSession } from "../../player/whep.js";
import type { PictureResult } from "./results.js";

const CONNECTED_WITHIN_MS = 5_000;
const FRAME_WITHIN_MS = 6_000;
const WATCHED_MS = 1_500; // for the round trip to be measured

/** Opens the check picture in this element for a moment and tells what came of it. */
export async function tryPicture(
  ticket: PlaybackTicket,
  video: HTMLVideoElement,
  outer: AbortSignal,
): Promise<PictureResult> {
  if (!("RTCPeerConnection" in window)) return { is: "unsupported" };
  const abort = new AbortController();
  const onOuter = () => abort.abort(outer.reason);
  outer.addEventListener("abort", onOuter);
  const startedAt = performance.now();
  let connectMs: number | null = null;
  let session: WebRtcSession | null = null;
  let tellConnected: (is: boolean) => void = () => {};
  const connected = new Promise<boolean>((resolve) => {
    tellConnected = resolve;
  });
  try {
    session = await openWebRtc({
      makeTicket: async () => ticket,
      early: null,
      playout: "lowest",
      learnt: nothingLearnt(),
      abort,
      events: {
        answered() {},
        connected() {
          connectMs ??= performance.now() - startedAt;
          tellConnected(true);
        },
        dead: () => tellConnected(false),
      },
    });
    video.srcObject = session.video;
    const frame = firstFrame(video);
    video.play().catch(() => {}); // a picture that may not start is told of by its missing frame
    if (!(await within(CONNECTED_WITHIN_MS, connected, outer)) || connectMs === null)
      return { is: "blocked" };
    if (!(await within(FRAME_WITHIN_MS, frame, outer))) return { is: "dark" };
    const firstFrameMs = performance.now() - startedAt;
    await within(WATCHED_MS, new Promise<boolean>(() => {}), outer);
    return { is: "shown", connectMs, firstFrameMs, ...(await pathOf(session.peer)) };
  } catch (error) {
    outer.throwIfAborted();
    if (error instanceof SessionRefused) {
      if (error.status === 406) return { is: "unsupported" };
      return { is: "not-tried", reason: `the server answered ${error.status}.` };
    }
    return { is: "not-tried", reason: "the server did not answer." };
  } finally {
    outer.removeEventListener("abort", onOuter);
    session?.close();
    video.srcObject = null;
  }
}

function firstFrame(video: HTMLVideoElement): Promise<boolean> {
  return new Promise((resolve) => {
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(() => resolve(true));
    else (video as HTMLVideoElement).addEventListener("timeupdate", () => resolve(true), { once: true });
  });
}

/** False when it takes longer. */
function within(ms: number, what: Promise<boolean>, outer: AbortSignal): Promise<boolean> {
  outer.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms);
    outer.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(outer.reason);
      },
      { once: true },
    );
    void what.then((is) => {
      clearTimeout(timer);
      resolve(is);
    });
  });
}

type Report = Record<string, unknown> & { readonly type?: string; readonly id?: string };

/** The way that ICE chose (W3C webrtc-stats §6.13). */
async function pathOf(
  peer: RTCPeerConnection,
): Promise<{ rttMs: number | null; detour: "relay" | "tcp" | null }> {
  const reports = new Map<string, Report>();
  for (const [id, report] of (await peer.getStats()) as unknown as Map<string, Report>)
    reports.set(id, report);
  const all = [...reports.values()];
  const transport = all.find(({ type }) => type === "transport");
  const pair =
    reports.get(String(transport?.["selectedCandidatePairId"])) ??
    all.find((report) => report.type === "candidate-pair" && report["nominated"] === true);
  const local = reports.get(String(pair?.["localCandidateId"]));
  const rtt = pair?.["currentRoundTripTime"];
  return {
    rttMs: typeof rtt === "number" ? rtt * 1_000 : null,
    detour: local?.["candidateType"] === "relay" ? "relay" : local?.["protocol"] === "tcp" ? "tcp" : null,
  };
}
