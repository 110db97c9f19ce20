import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recording, Room } from "@colourstream/contract";
import { createEmbeddedEngine } from "../engine/embedded/embedded.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "./server.js";

/** A test server over a real engine that takes RTMP; the engine is the built one: packages/media/dist has to be there. */
export type EngineServer = {
  readonly server: TestServer;
  readonly owner: Browser;
  readonly dataDir: string;
  publishUrl(room: Room): string;
  recordings(room: Room): Promise<Recording[]>;
  enginePid(): Promise<number>;
};

/** Starts it on these ports of the loopback address. */
export async function startEngineServer(rtmpPort: number, webrtcPort: number): Promise<EngineServer> {
  let dataDir = "";
  const server = await startTestServer({}, Date.now, (over, folder) => {
    dataDir = folder;
    return createEmbeddedEngine({
      ...over,
      settings: () => ({
        rtmpOn: true,
        rtmpPort,
        rtmpsOn: false,
        rtmpsPort: 1,
        srtOn: false,
        srtPort: 1,
        whipOn: false,
        webrtcFirstPort: webrtcPort,
        webrtcLastPort: webrtcPort,
        publicAddress: "127.0.0.1",
        relayOn: false,
        relayPort: 1,
      }),
      logLevel: "silent",
      rtmpsFiles: null,
      recordingsDir: join(folder, "recordings"),
      ingestUrls: (_ports, { key }) => [{ protocol: "rtmp", server: "", key, url: "", passphrase: null }],
      runDir: folder,
      build: "0.1.0",
      wallClock: Date.now,
      log: () => undefined,
    });
  });
  await server.product.engine.start();
  const owner = await openOwner(server);
  return {
    server,
    owner,
    dataDir,
    publishUrl: ({ id }) => {
      const stored = server.product.directory.byId(id);
      if (stored === null) throw new Error("the room is gone");
      return `rtmp://127.0.0.1:${rtmpPort}/live/${server.product.rooms.streamKey(stored)}`;
    },
    recordings: async ({ id }) =>
      (await owner.ask("GET", `/recordings?roomId=${id}`)).json<{ recordings: Recording[] }>().recordings,
    enginePid: async () => Number(await readFile(join(dataDir, "engine.pid"), "utf8")),
  };
}
