import { expect, test } from "vitest";
import { ingestUrlsFor, linkBaseFor, openAddresses, relyingPartyFor, whyNoPasskeys } from "./addresses.js";

const anywhere = { host: "0.0.0.0", publicUrl: null, publicAddress: null };
const card = (address: string, internal = false, family: "IPv4" | "IPv6" = "IPv4") =>
  ({ address, internal, family, netmask: "", mac: "", cidr: null, scopeid: 0 }) as never;
const PORTS = { rtmp: 1935, rtmps: null, srt: null, whip: false };
const ACCESS = { key: "k", srtId: "i", srtPassphrase: null };
const CARDS = {
  lo: [card("127.0.0.1", true)],
  eth0: [card("192.168.1.5"), card("fe80::1", false, "IPv6"), card("169.254.3.4")],
  many: [card("10.0.0.1"), card("10.0.0.2"), card("10.0.0.3")],
};

test("the studio is opened on this machine, and by its first three addresses on its networks", () => {
  expect(openAddresses(anywhere, 3000, CARDS)).toEqual([
    "http://localhost:3000",
    "http://192.168.1.5:3000",
    "http://10.0.0.1:3000",
    "http://10.0.0.2:3000",
  ]);
});

test.each([
  ["127.0.0.1", "http://localhost:3000"],
  ["192.168.1.5", "http://192.168.1.5:3000"],
  ["::1", "http://localhost:3000"],
  ["fd00::2", "http://[fd00::2]:3000"],
])("with HOST=%s only that is told", (host, origin) => {
  expect(openAddresses({ ...anywhere, host }, 3000, CARDS)).toEqual([origin]);
});

test("links and ingest: PUBLIC_URL before PUBLIC_ADDRESS before the address that the studio was opened with", () => {
  const opened = "http://192.168.1.5:3000";
  const local = { ...anywhere, host: "127.0.0.1" };
  const named = { ...local, publicUrl: "https://review.example.com" };
  const addressed = { ...local, publicAddress: "203.0.113.7" };
  expect(linkBaseFor({ ...addressed, ...named, publicAddress: "203.0.113.7" }, 3000, opened)).toBe(
    named.publicUrl,
  );
  expect(linkBaseFor(addressed, 3000, opened)).toBe("http://203.0.113.7:3000");
  expect(linkBaseFor(local, 3000, opened)).toBe(opened);
  expect(linkBaseFor(local, 3000, null)).toBe("http://localhost:3000");
  const server = (where: Parameters<typeof ingestUrlsFor>[0], from: string | null): string | undefined =>
    ingestUrlsFor(where, 3000, PORTS, ACCESS, from)[0]?.server;
  expect(server(named, opened)).toBe("rtmp://review.example.com:1935/live");
  expect(server(addressed, opened)).toBe("rtmp://203.0.113.7:1935/live");
  expect(server(local, opened)).toBe("rtmp://192.168.1.5:1935/live");
  expect(server(local, "http://[fd00::2]:3000")).toBe("rtmp://[fd00::2]:1935/live");
  expect(server(local, null)).toBe("rtmp://localhost:1935/live");
});

test.each([
  ["0.0.0.0", null, "localhost", "http://localhost:3000"],
  ["127.0.0.1", null, "localhost", "http://localhost:3000"],
  ["0.0.0.0", "https://review.example.com", "review.example.com", "https://review.example.com"],
  ["0.0.0.0", "https://review.example.com:8443", "review.example.com", "https://review.example.com:8443"],
  ["0.0.0.0", "http://localhost:4000", "localhost", "http://localhost:4000"],
])(
  "with HOST %s and PUBLIC_URL %s passkeys are bound to %s and work at %s",
  (host, publicUrl, id, origin) => {
    expect(relyingPartyFor({ publicUrl }, 3000)).toEqual({ id, origin });
    expect(whyNoPasskeys({ host, publicUrl })).toBeNull();
  },
);

test.each([
  ["192.168.1.5", null, "HOST is 192.168.1.5"],
  ["0.0.0.0", "http://review.example.com", "PUBLIC_URL is http://review.example.com"],
  ["0.0.0.0", "https://192.168.1.5", "PUBLIC_URL is https://192.168.1.5"],
  ["0.0.0.0", "https://[2001:db8::1]", "PUBLIC_URL is https://[2001:db8::1]"],
])(
  "with HOST %s and PUBLIC_URL %s no browser has a passkey, and it is said why: %s",
  (host, publicUrl, why) => {
    expect(whyNoPasskeys({ host, publicUrl })).toContain(why);
  },
);
