import { expect, test } from "vitest";
import { readConfig } from "../../config.js";
import { omeIngestUrls } from "./addresses.js";

const SECRET = "a-secret-of-twenty-two-letters";
const OME = {
  ENGINE: "ovenmediaengine",
  PUBLIC_URL: "https://live.example.org",
  OME_API_URL: "http://ome-origin:8081",
  OME_API_TOKEN: SECRET,
  OME_WEBHOOK_SECRET: SECRET,
};

test("weakness 6: without a webhook secret of 128 bits nothing starts, in any environment, and it is not repeated", () => {
  for (const NODE_ENV of ["production", "development", "test", ""]) {
    for (const OME_WEBHOOK_SECRET of ["", "short-secret", "x".repeat(21)]) {
      const read = (): unknown => readConfig({ ...OME, NODE_ENV, OME_WEBHOOK_SECRET });
      expect(read).toThrow(/OME_WEBHOOK_SECRET/);
      if (OME_WEBHOOK_SECRET !== "") expect(read).not.toThrow(OME_WEBHOOK_SECRET);
    }
  }
  expect(readConfig(OME).ome?.webhookSecret).toBe(SECRET);
});

test("servers are read with their names; what is none is refused by its variable", () => {
  const edges =
    "one=http://edge-1:8081|https://edge1.example.org, two=http://edge-2:8081|https://edge2.example.org";
  expect(readConfig({ ...OME, OME_EDGES: edges }).ome).toMatchObject({
    origin: { name: "origin", apiUrl: "http://ome-origin:8081", publicUrl: null },
    edges: [{ name: "one" }, { name: "two", publicUrl: "https://edge2.example.org" }],
    app: "app",
    universalApp: "universal",
    ovtUrl: "ovt://127.0.0.1:9000",
  });
  expect(readConfig({ ...OME, OME_UNIVERSAL_APP: "off" }).ome?.universalApp).toBeNull();
  for (const [name, value] of [
    ["ENGINE", "wowza"],
    ["OME_API_URL", "ome-origin:8081"],
    ["OME_API_URL", "http://ome-origin:8081/v1"],
    ["OME_EDGES", "one=http://edge-1:8081"],
    ["OME_EDGES", "origin=http://a:1|https://b"],
    ["OME_APP", "a b"],
    ["OME_OVT_URL", "http://127.0.0.1:9000"],
    ["OME_ORIGIN_VIEWERS", "many"],
  ] as const)
    expect(() => readConfig({ ...OME, [name]: value })).toThrow(name);
  expect(() => readConfig({ ...OME, PUBLIC_URL: "" })).toThrow("OME_PUBLIC_URL");
});

test("encoders are told the key as a name, SRT its streamid in the address, WHIP no bearer, and RTMPS where https is", () => {
  const ome = readConfig({ ...OME, OME_PUBLIC_URL: "https://media.example.org" }).ome;
  if (ome === null) throw new Error("there is no OvenMediaEngine");
  const reach = {
    publicAddress: null,
    ...{
      rtmpOn: true,
      rtmpPort: 1935,
      rtmpsOn: true,
      rtmpsPort: 1936,
      srtOn: true,
      srtPort: 9999,
      whipOn: true,
    },
  };
  const access = { key: "cs-key", srtId: "srt-id" };
  const shown = omeIngestUrls(ome, null, reach, access).map(({ server, key }) => [server, key]);
  expect(shown).toEqual([
    ["rtmp://media.example.org:1935/app", "cs-key"],
    ["rtmps://media.example.org:1936/app", "cs-key"],
    ["srt://media.example.org:9999?streamid=default%2Fapp%2Fsrt-id&latency=20000", ""],
    ["https://media.example.org/app/cs-key?direction=whip", ""],
  ]);
  const plain = { ...ome, origin: { ...ome.origin, publicUrl: "http://[2001:db8::1]:3333" } };
  const off = { ...reach, srtOn: false, whipOn: false, publicAddress: "2001:db8::7" };
  expect(omeIngestUrls(plain, null, off, access).map(({ server }) => server)).toEqual([
    "rtmp://[2001:db8::7]:1935/app",
  ]);
});
