import { afterEach, expect, test } from "vitest";
import { createVirtualClock } from "../../hub/fixtures/virtual-clock.js";
import { AAC, FORMAT, startEncoder } from "./fixtures/encoder.js";
import { type HlsServer, publishRoom, startHlsServer } from "./fixtures/hls-server.js";
import type { LlHlsOptions } from "./llhls.js";

const open: HlsServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A live room in virtual time behind real HTTP. */
async function scene(mayPlay?: LlHlsOptions["mayPlay"]) {
  const clock = createVirtualClock();
  const server = await startHlsServer({ clock, ...(mayPlay !== undefined && { mayPlay }) });
  open.push(server);
  const publication = publishRoom(server.streams);
  publication.videoFormat(FORMAT);
  publication.audioFormat(AAC);
  const encoder = startEncoder(publication, clock, true);
  encoder.send(40);
  const get = (url: string, method = "GET") => fetch(url, { method });
  const viewers = () => server.streams.list()[0]?.viewers;
  return { clock, server, encoder, publication, get, viewers };
}

/** A session with two segments and a part in it, and its media playlist's address. */
async function playing(mayPlay?: LlHlsOptions["mayPlay"]) {
  const it = await scene(mayPlay);
  const index = await it.server.open();
  it.encoder.send(41); // the third segment has six pictures, which are a part and a picture
  return { ...it, index, base: index.replace("index.m3u8", ""), stream: index.replace("index", "stream") };
}

/** Sent on and answered by the engine: what is waited for is waiting. */
const arrived = () => new Promise((resolve) => setTimeout(resolve, 100));

test("a ticket opens a session whose address gives playlists, headers, segments and parts", async () => {
  const { index, base, stream, get, viewers } = await playing();
  expect(new URL(index).pathname).toMatch(/^\/hls\/[A-Za-z0-9_-]{22}\/index\.m3u8$/);
  expect(viewers()).toBe(1);
  const variant = await get(index);
  expect(variant.headers.get("content-type")).toBe("application/vnd.apple.mpegurl");
  expect(variant.headers.get("cache-control")).toBe("no-store");
  expect(await variant.text()).toContain('CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080');
  const playlist = await (await get(stream)).text();
  const names = [...playlist.matchAll(/URI="([^"]+)"|^(\d.*\.m4s)$/gm)].map(
    ([, uri, line]) => uri ?? line ?? "",
  );
  expect(names.length).toBeGreaterThan(12);
  for (const name of names.slice(0, -1)) {
    const answer = await get(base + name);
    expect([name, answer.status]).toEqual([name, 200]);
    expect(answer.headers.get("cache-control")).toContain("private");
    const body = Buffer.from(await answer.arrayBuffer());
    expect(body.subarray(4, 8).toString()).toBe(name.startsWith("init") ? "ftyp" : "moof");
    const head = await get(base + name, "HEAD");
    expect(head.headers.get("content-length")).toBe(String(body.length));
  }
});

test("a reload waits for the part it names, and a part that was hinted at waits for itself", async () => {
  const { base, stream, get, encoder } = await playing();
  let done = 0;
  const playlist = get(`${stream}?_HLS_msn=2&_HLS_part=1`).finally(() => done++);
  const whole = get(`${stream}?_HLS_msn=2`).finally(() => done++);
  const part = get(`${base}2.1.m4s`).finally(() => done++);
  await arrived();
  expect(done).toBe(0);
  encoder.send(4);
  expect(await (await playlist).text()).toContain('URI="2.1.m4s"');
  expect((await part).status).toBe(200);
  await arrived();
  expect(done).toBe(2);
  encoder.send(25);
  expect(await (await whole).text()).toContain("\n2.m4s\n");
});

test("a hint that does not come true is answered when its segment is over", async () => {
  const { base, get, encoder } = await playing();
  encoder.send(19); // 25 pictures since the keyframe: five parts
  const part = get(`${base}2.5.m4s`);
  await arrived();
  encoder.send(1);
  expect((await part).status).toBe(404);
});

test("nobody waits for ever: after 6 s the playlist is given as it is, and a part is not", async () => {
  const { base, stream, get, clock, encoder } = await playing();
  encoder.send(4); // no picture waits in a part
  const passed = async (answer: Promise<Response>) => {
    let status = 0;
    void answer.then((come) => {
      status = come.status;
    });
    for (let second = 0; second < 60 && status === 0; second += 1) {
      await arrived();
      clock.run(1000);
    }
    return status;
  };
  expect(await passed(get(`${stream}?_HLS_msn=2&_HLS_part=2`))).toBe(200);
  expect(await passed(get(`${base}2.2.m4s`))).toBe(503);
});

test.each([
  ["a number too far ahead", "stream.m3u8?_HLS_msn=9", 400],
  ["a part without its segment", "stream.m3u8?_HLS_part=1", 400],
  ["no number", "stream.m3u8?_HLS_msn=x", 400],
  ["a number of 20 digits", "stream.m3u8?_HLS_msn=99999999999999999999", 400],
  ["a segment that has gone", "77.m4s", 404],
  ["a part that is not next", "2.9.m4s", 404],
  ["a header that never was", "init-7.mp4", 404],
  ["another file", "secret.txt", 404],
  ["a way up", "..%2f..%2fetc%2fpasswd", 404],
])("%s is refused", async (_name, file, status) => {
  const { base, get } = await playing();
  expect((await get(base + file)).status).toBe(status);
});

test("what the methods are is told, and others are refused", async () => {
  const { server, index, base, get, viewers } = await playing();
  expect((await get(index, "OPTIONS")).headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  expect((await get(index, "POST")).status).toBe(405);
  expect((await get(`${server.url}/hls`, "OPTIONS")).headers.get("allow")).toBe("POST, OPTIONS");
  expect((await get(`${server.url}/hls`, "POST")).status).toBe(401);
  expect((await get(base.slice(0, -1), "DELETE")).status).toBe(200);
  expect(viewers()).toBe(0);
  expect((await get(index)).status).toBe(404);
  expect((await get(base.slice(0, -1), "DELETE")).status).toBe(404);
});

test("a session ends with its participant, and what waits in it is answered at once", async () => {
  const { server, index, stream, get, viewers } = await playing();
  const other = await server.open("another");
  const waiting = get(`${stream}?_HLS_msn=3`);
  await arrived();
  expect(server.llhls.disconnectViewer("viewer")).toBe(1);
  expect((await waiting).status).toBe(404);
  expect((await get(index)).status).toBe(404);
  expect((await get(other)).status).toBe(200);
  expect(viewers()).toBe(1);
  expect(server.llhls.disconnectStream("room")).toBe(1);
  expect((await get(other)).status).toBe(404);
});

test("a session ends when nothing is asked for, and when its time is over", async () => {
  const { clock, index, get, encoder, viewers } = await playing();
  for (let second = 0; second < 40; second += 20) {
    encoder.send(500);
    expect((await get(index)).status).toBe(200);
  }
  encoder.send(800); // 32 s
  expect(viewers()).toBe(0);
  expect((await get(index)).status).toBe(404);

  const short = await playing(async () => ({
    ...{ allowed: true, stream: "room", viewer: null, lifetimeMs: 10_000, passphrase: null },
  }));
  short.clock.run(11_000);
  expect((await short.get(short.index)).status).toBe(404);
  clock.run(0);
});

test("a refused ticket, a stream that is not live, and too many viewers of one address are told apart", async () => {
  const reasons = ["expired-ticket", "address-blocked", "not-ready"] as const;
  let asked = 0;
  const it = await scene(async () => {
    const reason = reasons[asked++];
    if (reason !== undefined) return { allowed: false, reason };
    return {
      allowed: true,
      stream: asked === 4 ? "nobody" : "room",
      viewer: "a",
      lifetimeMs: null,
      passphrase: null,
    };
  });
  const post = () =>
    fetch(`${it.server.url}/hls`, { method: "POST", headers: { authorization: "Bearer x" } });
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await post()).status);
  expect(statuses).toEqual([401, 403, 503, 409]);
  for (let i = 0; i < 50; i += 1) expect((await post()).status).toBe(201);
  const tooMany = await post();
  expect(tooMany.status).toBe(503);
  expect(await tooMany.json()).toMatchObject({ error: "too_many_viewers" });
});

test("a player has twelve requests at a time, not more", async () => {
  const { stream, get, encoder } = await playing();
  let refused = 0;
  const many = Array.from({ length: 20 }, async () => {
    const { status } = await get(`${stream}?_HLS_msn=3`);
    if (status === 429) refused += 1;
    return status;
  });
  await expect.poll(() => refused, { timeout: 10_000 }).toBe(8);
  encoder.send(50);
  const statuses = await Promise.all(many);
  expect(statuses.filter((status) => status === 200)).toHaveLength(12);
});
