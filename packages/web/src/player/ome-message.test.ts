import { expect, test } from "vitest";
import { parseOmeMessage, writeAnswer } from "./ome-message.js";

/** As an OvenMediaEngine 0.20 sent it to a player that asked for TCP, but for its description's text. */
const OFFER = {
  candidates: [{ candidate: "candidate:0956327184 1 UDP 50 127.0.0.1 20002 typ host", sdpMLineIndex: 0 }],
  code: 200,
  command: "offer",
  iceServers: [{ credential: "airen", urls: ["turn:127.0.0.1:13478?transport=tcp"], username: "ome" }],
  ice_servers: [{ credential: "airen", urls: ["turn:127.0.0.1:13478?transport=tcp"], user_name: "ome" }],
  id: 704707817,
  peer_id: 0,
  sdp: { sdp: "v=0\r\n", type: "offer" },
};
const read = (change: object) => parseOmeMessage(JSON.stringify({ ...OFFER, ...change }));

test("an offer is read with its candidates and its relay, and answered with its own id", () => {
  const offer = read({});
  expect(offer).toEqual({
    is: "offer",
    id: 704707817,
    peerId: 0,
    sdp: "v=0\r\n",
    candidates: OFFER.candidates,
    iceServers: [{ credential: "airen", urls: ["turn:127.0.0.1:13478?transport=tcp"], username: "ome" }],
  });
  if (offer.is !== "offer") throw new Error("not an offer");
  expect(JSON.parse(writeAnswer(offer, "v=0"))).toEqual({
    command: "answer",
    id: 704707817,
    peer_id: 0,
    sdp: { type: "answer", sdp: "v=0" },
  });
});

test("an offer to a player that has not asked for TCP names no relay", () => {
  expect(read({ iceServers: undefined, ice_servers: undefined })).toMatchObject({ iceServers: [] });
});

test("a refusal is told with its number; notifications are not ours", () => {
  expect(parseOmeMessage('{"code":404,"error":"Cannot create offer"}')).toEqual({
    is: "refused",
    code: 404,
    reason: "Cannot create offer",
  });
  expect(parseOmeMessage('{"command":"notification","type":"playlist","message":{"renditions":[]}}')).toEqual(
    {
      is: "other",
    },
  );
});

test.each([
  ["bytes", new ArrayBuffer(8)],
  ["what is not JSON", "<html>"],
  ["a list", "[]"],
  ["more than any offer has", JSON.stringify({ command: "x".repeat(70_000) })],
])("%s are refused", (_name, message) => {
  expect(() => parseOmeMessage(message)).toThrow(TypeError);
});

test.each([
  ["no description", { sdp: undefined }, "the offer's sdp is not an object"],
  ["an answer", { sdp: { type: "answer", sdp: "v=0" } }, "the offer's description is not one"],
  ["no id", { id: "7" }, "the offer's id is not a whole number"],
  ["a candidate without its text", { candidates: [{}] }, "a candidate is not text"],
  ["65 candidates", { candidates: Array(65).fill(OFFER.candidates[0]) }, "candidates: 65 of them"],
  ["servers that are no list", { iceServers: {} }, "iceServers: not a list"],
  ["a server without a list of addresses", { iceServers: [{ urls: "turn:a" }] }, "an ICE server's urls"],
])("an offer with %s is refused, and the reason names it", (_name, change, reason) => {
  expect(() => read(change)).toThrow(reason);
});
