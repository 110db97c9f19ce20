import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "@playwright/test";
import { ageMs } from "../tests/tools/barcode.js";
import { forgetSeen, seen, watchPictures } from "../tests/tools/picture-watch.js";
import { pause, waitFor } from "../tests/tools/wait.js";
import type { Ages } from "./glass-to-glass.js";

/** Where a browser plays a stream. `bearer` null: the address is all that is needed. */
export type Playable = { readonly url: string; readonly bearer: string | null };

/** What a page saw. */
export type Played = Ages & {
  /** From the first request to the first composed frame. */
  readonly joinsMs: readonly number[];
};

const SETTLE_MS = 3000;
const FIRST_FRAME_MS = 20_000;

/**
 * Plays a stream in a bare page, so that every engine is measured with the same few lines: joins some times, then
 * watches for so long. `place` makes an address for each joining: tickets live shortly.
 */
export async function measurePlaying(
  browser: Browser,
  place: () => Promise<Playable>,
  times: { readonly seconds: number; readonly joins: number },
): Promise<Played> {
  const blank = await startBlankPage();
  try {
    const joinsMs: number[] = [];
    for (let number = 1; number < times.joins; number += 1) {
      const { page, joinMs } = await join(browser, blank.url, await place());
      joinsMs.push(joinMs);
      await page.context().close();
      await pause(137); // so that joins fall on different places of the GOP
    }
    const { page, joinMs } = await join(browser, blank.url, await place());
    joinsMs.push(joinMs);
    await pause(SETTLE_MS);
    await forgetSeen(page);
    await pause(times.seconds * 1000);
    const { shown } = await seen(page);
    await page.context().close();
    if (shown.length === 0) throw new Error("the picture stood still while it was to be measured");
    const numbers = new Set(shown.map(({ frame }) => frame));
    const span = Math.max(...numbers) - Math.min(...numbers) + 1;
    const agesMs = shown.map(({ frame, drawnMs, seenMs }) => ageMs({ frame, timeMs: drawnMs }, seenMs));
    return { agesMs, unseen: span - numbers.size, joinsMs };
  } finally {
    blank.close();
  }
}

async function join(
  browser: Browser,
  blank: string,
  place: Playable,
): Promise<{ page: Page; joinMs: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await watchPictures(page, false);
  await page.goto(blank);
  const beganMs = await page.evaluate(playInPage, place);
  const first = await waitFor("the first frame", FIRST_FRAME_MS, async () => (await seen(page)).shown[0], 50);
  return { page, joinMs: first.seenMs - beganMs };
}

/** Runs in the page: must stand alone. Tells when it began. */
async function playInPage({ url, bearer }: Playable): Promise<number> {
  const beganMs = performance.timeOrigin + performance.now();
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  document.body.append(video);
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  peer.addEventListener("track", ({ track }) => {
    if (track.kind === "video") video.srcObject = new MediaStream([track]);
  });
  if (/^wss?:/.test(url)) {
    const socket = new WebSocket(url);
    Object.assign(window, { __socket: socket }); // its end is the session's end: it must not be collected
    socket.addEventListener("open", () => socket.send('{"command":"request_offer"}'));
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("close", () => reject(new Error("the engine closed its signalling")));
      socket.addEventListener("message", async ({ data }) => {
        const message = JSON.parse(data);
        if (message.error !== undefined)
          reject(new Error(`the engine answered ${message.code}: ${message.error}`));
        if (message.command !== "offer") return;
        await peer.setRemoteDescription(message.sdp);
        for (const candidate of message.candidates) await peer.addIceCandidate(candidate);
        await peer.setLocalDescription();
        const { id, peer_id } = message;
        socket.send(JSON.stringify({ command: "answer", id, peer_id, sdp: peer.localDescription }));
        resolve();
      });
    });
    return beganMs;
  }
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.addTransceiver("audio", { direction: "recvonly" });
  await peer.setLocalDescription();
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/sdp",
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
    },
    body: peer.localDescription?.sdp ?? "",
  });
  const sdp = await response.text();
  if (response.status !== 201)
    throw new Error(`the engine answered ${response.status}: ${sdp.slice(0, 200)}`);
  await peer.setRemoteDescription({ type: "answer", sdp });
  return beganMs;
}

async function startBlankPage(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>Bench</title><body>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
