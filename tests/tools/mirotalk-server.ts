import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createMiroTalkStandIn } from "./mirotalk.js";

/** What MiroTalk's page found itself allowed in its frame. */
export type FrameReport = {
  /** The person's name in its address. */
  readonly name: string;
  readonly meeting: string;
  /** By the frame's permissions policy. */
  readonly allowed: readonly string[];
  /** Kinds of the tracks that it got from the devices. */
  readonly tracks: readonly string[];
  /** Of its request: the page around it, without a path. */
  readonly referrer: string;
};

/** A page in MiroTalk's place on an origin of its own: it cannot run here, as it loads its scripts from elsewhere. */
export type MiroTalkServer = {
  readonly url: string;
  /** What the product is told about it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Those whose page is open now. */
  people(): readonly { readonly name: string; readonly meeting: string }[];
  readonly reports: readonly FrameReport[];
  end(): Promise<void>;
};

const API_KEY = "api-key-of-the-test-0123";
const JWT_KEY = "jwt-key-of-the-test-0123456789";
const FEATURES = [
  "camera",
  "microphone",
  "display-capture",
  "fullscreen",
  "autoplay",
  "clipboard-write",
  "geolocation",
];

// As MiroTalk's: opens the devices at once, is in the meeting for as long as it is open, and leaves by /newcall.
const PAGE = `<!doctype html><html lang="en"><title>MiroTalk</title><body style="background:#333;color:#ddd;font:16px sans-serif">
<h1>Stand-in for MiroTalk</h1><p id="name"></p><button id="leave">Leave room</button><script>
const query = new URLSearchParams(location.search);
document.getElementById("name").textContent = query.get("name");
document.getElementById("leave").onclick = () => { location.href = "/newcall"; };
new EventSource("/socket" + location.search);
(async () => {
  const tracks = [];
  for (const wanted of [{ video: true }, { audio: true }])
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      for (const track of stream.getTracks()) { tracks.push(track.kind); track.stop(); }
    } catch (error) { tracks.push(error.name); }
  const features = ${JSON.stringify(FEATURES)};
  const allowed = features.filter((feature) => document.featurePolicy.allowsFeature(feature));
  await fetch("/report", { method: "POST", body: JSON.stringify({
    name: query.get("name"), meeting: query.get("room"), allowed, tracks, referrer: document.referrer }) });
})();
</script>`;

/** Starts it. `room`: the origin that may hold it in a frame, asked when somebody comes. */
export async function startMiroTalkServer(room: () => string): Promise<MiroTalkServer> {
  const standIn = createMiroTalkStandIn(JWT_KEY);
  const open = new Map<string, { name: string; meeting: string }>();
  const reports: FrameReport[] = [];
  let sockets = 0;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const [name, meeting] = [searchParams.get("name") ?? "", searchParams.get("room") ?? ""];
    switch (pathname) {
      case "/join":
        response.setHeader("content-security-policy", `frame-ancestors 'self' ${room()}`);
        response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
        return;
      case "/socket": {
        const id = String(++sockets);
        standIn.enter(id, request.url ?? "");
        open.set(id, { name, meeting });
        response.writeHead(200, { "content-type": "text/event-stream" }).write(":\n\n");
        response.on("close", () => {
          standIn.leave(id);
          open.delete(id);
        });
        return;
      }
      case "/report": {
        let text = "";
        for await (const part of request) text += String(part);
        reports.push(JSON.parse(text) as FrameReport);
        response.end();
        return;
      }
      case "/newcall":
        response.writeHead(302, { location: `${room()}/conference-left` }).end();
        return;
      case "/api/v1/meetings": {
        const isAllowed = request.headers.authorization === API_KEY;
        response.writeHead(isAllowed ? 200 : 403).end(isAllowed ? await list() : '{"error":"Unauthorized!"}');
        return;
      }
      default:
        response.writeHead(404).end();
    }
  };
  const list = async (): Promise<string> => {
    const meetings = [...(await standIn.rest.meetings())].map(([meeting, peers]) => {
      const listed = peers.map((peer, at) => [
        `socket-${at}`,
        {
          peer_name: peer.name,
          peer_presenter: peer.isPresenter,
          peer_audio: true,
          peer_audio_status: false,
        },
      ]);
      return [meeting, Object.fromEntries(listed)];
    });
    return JSON.stringify({ meetings: Object.fromEntries(meetings) });
  };

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    environment: {
      CONFERENCE: "mirotalk",
      MIROTALK_URL: url,
      MIROTALK_API_URL: url,
      MIROTALK_API_KEY: API_KEY,
      MIROTALK_JWT_KEY: JWT_KEY,
      MIROTALK_PASSWORD: "password-of-the-test-01",
    },
    people: () => [...open.values()],
    reports,
    end: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
