import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { EngineSettingError } from "../engine.js";
import { needPorts, settingBehind } from "./ports.js";

const cleanUp: (() => unknown)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});

async function takenTcp(): Promise<number> {
  const server = createServer().listen(0, "0.0.0.0");
  cleanUp.push(() => server.close());
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function takenUdp(): Promise<number> {
  const socket = createSocket("udp4").bind(0);
  cleanUp.push(() => socket.close());
  await once(socket, "listening");
  return socket.address().port;
}

const host = "0.0.0.0";
const webrtc = { firstPort: 1, lastPort: 1, publicAddress: null, bindAddress: null };
const NONE = { rtmp: null, rtmps: null, srt: null, relay: null, webrtc };
const secret = "a secret of 22 letters";
const files = { certFile: "c", keyFile: "k" };

test("a port that another program has is refused by its setting's name, whichever way in it is for", async () => {
  const [tcp, udp] = [await takenTcp(), await takenUdp()];
  const cases = [
    [{ ...NONE, rtmp: { host, port: tcp } }, "rtmpPort", tcp],
    [{ ...NONE, rtmps: { host, port: tcp, ...files } }, "rtmpsPort", tcp],
    [{ ...NONE, srt: { host, port: udp } }, "srtPort", udp],
    [{ ...NONE, relay: { host, port: udp, secret } }, "relayPort", udp],
    [{ ...NONE, relay: { host, port: tcp, secret } }, "relayPort", tcp],
    [{ ...NONE, webrtc: { ...webrtc, firstPort: udp, lastPort: udp } }, "webrtcFirstPort", udp],
  ] as const;
  for (const [wanted, setting, port] of cases) {
    const refused = needPorts(NONE, wanted);
    await expect(refused).rejects.toThrow(EngineSettingError);
    await expect(refused).rejects.toMatchObject({ setting, message: expect.stringContaining(`${port}`) });
  }
});

test("what our own engine has becomes free for itself", async () => {
  const port = await takenTcp();
  await needPorts({ ...NONE, rtmp: { host, port } }, { ...NONE, rtmps: { host, port, ...files } });
});

test("an engine that does not start is put down to what was changed", () => {
  expect(settingBehind(NONE, { ...NONE, rtmp: { host, port: 1 } })).toBe("rtmpPort");
  expect(settingBehind(NONE, { ...NONE, rtmps: { host, port: 1, ...files } })).toBe("rtmpsPort");
  expect(settingBehind({ ...NONE, rtmp: { host, port: 1 } }, { ...NONE, srt: { host, port: 1 } })).toBe(
    "srtPort",
  );
  expect(settingBehind(NONE, { ...NONE, relay: { host, port: 1, secret } })).toBe("relayPort");
  expect(settingBehind(NONE, { ...NONE, webrtc: { ...webrtc, lastPort: 2 } })).toBe("webrtcFirstPort");
  expect(settingBehind(NONE, { ...NONE, webrtc: { ...webrtc, publicAddress: "a" } })).toBe("publicAddress");
});
