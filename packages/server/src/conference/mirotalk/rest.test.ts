import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createMiroTalkRest } from "./rest.js";

const API_KEY = "api-key-of-the-test-0123";

// As MiroTalk P2P 1.9.11 answered.
const NOBODY = '{"meetings":{}}';
const TWO =
  '{"meetings":{"cs-room-7Fq2":{"AIGnIH9O_nRGQpcJAAAB":{"peer_name":"Ana","peer_avatar":false,"peer_presenter":true,"peer_video":true,"peer_audio":true,"peer_video_status":true,"peer_audio_status":true,"peer_screen_status":false,"peer_hand_status":false,"peer_rec_status":false,"peer_privacy_status":false,"os":"Linux undefined","browser":"Chrome Headless 156.0.0.0","extras":{}},"aDyN1TvXsrPuy74mAAAD":{"peer_name":"Bo","peer_avatar":false,"peer_presenter":false,"peer_video":true,"peer_audio":true,"peer_video_status":false,"peer_audio_status":true,"peer_screen_status":true,"peer_hand_status":false,"peer_rec_status":false,"peer_privacy_status":false,"os":"Linux undefined","browser":"Chrome Headless 156.0.0.0","extras":{}}}}}';
const LOCKED =
  '{"meetings":{"k2":{"lock":true,"password":"plain","vqH":{"peer_name":"host","peer_avatar":false,"peer_presenter":true,"peer_video":false,"peer_audio":false,"peer_video_status":true,"peer_audio_status":true,"peer_screen_status":false,"os":"Linux 1","browser":"x 1","extras":{}}}}}';
const UNAUTHORIZED = '{"error":"Unauthorized!"}';
const DISABLED =
  '{"error":"This endpoint has been disabled. Please contact the administrator for further information."}';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers as `listener` does, and the client for it. */
async function against(listener: RequestListener) {
  const opened = createServer(listener);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(opened.address() as AddressInfo).port}`;
  return createMiroTalkRest({ apiUrl, apiKey: API_KEY });
}

/** MiroTalk's own check of the secret: bare, without "Bearer". */
const answering =
  (text: string, status = 200): RequestListener =>
  (request, response) => {
    const isAllowed = request.headers.authorization === API_KEY;
    const isKnown = request.method === "GET" && request.url === "/api/v1/meetings";
    response.writeHead(isKnown ? (isAllowed ? status : 403) : 404, { "content-type": "application/json" });
    response.end(isAllowed ? text : UNAUTHORIZED);
  };

test("the list of meetings is read as MiroTalk gives it", async () => {
  expect(await (await against(answering(NOBODY))).meetings()).toEqual(new Map());
  const two = await (await against(answering(TWO))).meetings();
  expect(two.get("cs-room-7Fq2")).toEqual([
    { name: "Ana", isPresenter: true, sending: { mic: true, camera: true, screen: false, side: false } },
    { name: "Bo", isPresenter: false, sending: { mic: true, camera: false, screen: true, side: false } },
  ]);
});

test("a locked meeting's password is not taken for a person; who has no device sends nothing", async () => {
  const locked = await (await against(answering(LOCKED))).meetings();
  expect(locked.get("k2")).toEqual([
    { name: "host", isPresenter: true, sending: { mic: false, camera: false, screen: false, side: false } },
  ]);
});

test.each([
  ["another key", answering(UNAUTHORIZED, 403), /403, .*Unauthorized.*MIROTALK_API_KEY/],
  ["an endpoint that is switched off", answering(DISABLED, 403), /disabled.*API_DISABLED/],
  ["an error of its own", answering('{"status":500,"message":"Internal server error"}', 500), /answers 500/],
  ["another program", answering("<!doctype html>"), /JSON/],
  ["JSON of another form", answering('{"meetings":[]}'), /not \{"meetings"/],
  [
    "a redirect",
    (_request: unknown, response: Parameters<RequestListener>[1]) =>
      response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    /fetch failed|redirect/,
  ],
  [
    "an answer without end",
    (_request: unknown, response: Parameters<RequestListener>[1]) => {
      response.writeHead(200);
      const more = () => {
        while (response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    },
    /more than 1048576 bytes/,
  ],
] as [string, RequestListener, RegExp][])(
  "%s is no list of meetings, and says why",
  async (_, listener, why) => {
    await expect((await against(listener)).meetings()).rejects.toThrow(why);
  },
);

test("no answer is waited for longer than 2 s", async () => {
  const rest = await against(() => undefined);
  const startedAt = performance.now();
  await expect(rest.meetings()).rejects.toThrow(/timeout/);
  expect(performance.now() - startedAt).toBeGreaterThan(1_900);
});
