import { expect, test } from "vitest";
import type { StoredRoom } from "../store/rooms.js";
import { EngineAwayError, type EngineNews, type MediaEngine, type Viewer } from "./engine.js";

/** An encoder in a scene. */
export type SceneEncoder = { stop(): Promise<void> };

/** An engine with what is around it: a room, encoders, players, and a way to kill it. */
export type EngineScene = {
  readonly engine: MediaEngine;
  /** Live under the key "the-key". */
  readonly room: StoredRoom;
  readonly news: readonly EngineNews[];
  /** An encoder that tries; whether it got in is the engine's to tell. */
  encode(key: string): Promise<SceneEncoder>;
  /** Whether somebody with this ticket is let in. */
  play(url: string, ticket: string): Promise<boolean>;
  /** Whether a page with this ticket may publish. */
  publish(url: string, ticket: string): Promise<boolean>;
  readonly blocked: Set<string>;
  archive(isArchived: boolean): void;
  /** The engine's process dies. */
  kill(): Promise<void>;
  /** It is there again, where it does not come back by itself. */
  revive(): Promise<void>;
};

const WITHIN_MS = { timeout: 15_000, interval: 50 };
const UNTOUCHED = { way: "webrtc", rendition: "untouched" } as const;
const GONE_MS = 10_000; // reliability.md, test 47

/** What every media engine promises; run against each of them. `scene` is begun once, and its claims follow one another. */
export function holdToEngineContract(scene: () => EngineScene): void {
  let participants = 0;
  const viewer = (forMs = 60_000): Viewer => {
    participants += 1;
    return { participantId: `participant-${participants}`, sessionExpiresAt: Date.now() + forMs };
  };
  const state = (): string => scene().engine.stream(scene().room.id)?.state ?? "none";
  const isLive = (): Promise<void> => expect.poll(state, WITHIN_MS).toBe("live");
  const isOver = (): Promise<void> => expect.poll(state, WITHIN_MS).not.toBe("live");
  const taken = (): (string | undefined)[] =>
    scene().news.flatMap((one) => (one.is === "take-began" ? [one.take.id] : []));

  test("a room is not live before its encoder is, and is live with a take that was told", async () => {
    const { engine, room } = scene();
    expect([state(), engine.isAway(), engine.lastRefused(room.id)]).toEqual(["none", false, null]);
    const encoder = await scene().encode("the-key");
    await isLive();
    const stream = engine.stream(room.id);
    expect(stream?.source?.protocol).toBe("rtmp");
    expect(taken().at(-1)).toBe(stream?.take);
    await expect.poll(() => engine.stream(room.id)?.video?.width, WITHIN_MS).toBe(640);
    expect(engine.stream(room.id)?.audio?.codec).toBe("aac");
    const view = await engine.view();
    expect(view.nodes[0]).toMatchObject({ state: "ok", problem: null });
    expect(view.streams).toContainEqual(
      expect.objectContaining({ room: { id: room.id, name: room.name }, name: room.streamName }),
    );
    expect(JSON.stringify(view)).not.toContain("the-key");

    // Another encoder with the same key is refused, and the live one does not notice.
    const other = await scene().encode("the-key");
    await expect.poll(() => engine.lastRefused(room.id)?.reason, WITHIN_MS).toBe("already-live");
    await other.stop();
    expect([state(), engine.stream(room.id)?.take]).toEqual(["live", stream?.take]);

    await encoder.stop();
    await isOver();
  }, 60_000);

  test("a key that no room has is told with the address it came from, and never the key", async () => {
    const encoder = await scene().encode("not-the-key");
    const told = { is: "wrong-key", address: "127.0.0.1", protocol: "rtmp" };
    await expect.poll(() => scene().news.find(({ is }) => is === "wrong-key"), WITHIN_MS).toEqual(told);
    await encoder.stop();
    expect(JSON.stringify(scene().news)).not.toContain("not-the-key");
    expect(state()).not.toBe("live");
  }, 60_000);

  test("an archived room takes no encoder, and the studio is told why", async () => {
    const { engine, room } = scene();
    scene().archive(true);
    const encoder = await scene().encode("the-key");
    const told = {
      reason: "archived",
      detail: "The room is archived.",
      address: "127.0.0.1",
      protocol: "rtmp",
    };
    await expect.poll(() => engine.lastRefused(room.id), WITHIN_MS).toMatchObject(told);
    await encoder.stop();
    expect(state()).not.toBe("live");
    scene().archive(false);
  }, 60_000);

  test("a ticket lets in once, its own way, until it is voided, its session ends or the room is shut", async () => {
    const { engine, room } = scene();
    const encoder = await scene().encode("the-key");
    await isLive();
    expect(engine.lastRefused(room.id)).toBeNull(); // one was let in: what was wrong is wrong no longer
    const ticket = engine.ticket(room.id, viewer(), UNTOUCHED);
    expect(await scene().play(ticket.url, ticket.ticket)).toBe(true);
    expect(await scene().play(ticket.url, ticket.ticket)).toBe(false);

    const sentOut = viewer();
    const voided = engine.ticket(room.id, sentOut, UNTOUCHED);
    await engine.disconnect({ participantId: sentOut.participantId, isSentOut: true });
    expect(await scene().play(voided.url, voided.ticket)).toBe(false);

    const over = engine.ticket(room.id, viewer(-1), UNTOUCHED);
    expect(await scene().play(over.url, over.ticket)).toBe(false);

    const shut = engine.ticket(room.id, viewer(), UNTOUCHED);
    scene().archive(true);
    expect(await scene().play(shut.url, shut.ticket)).toBe(false);
    scene().archive(false);

    scene().blocked.add("127.0.0.1");
    const blocked = engine.ticket(room.id, viewer(), UNTOUCHED);
    expect(await scene().play(blocked.url, blocked.ticket)).toBe(false);
    scene().blocked.clear();
    await encoder.stop();
    await isOver();
  }, 60_000);

  test("what plays does not publish, what publishes does not play, and the key plays nothing", async () => {
    const { engine, room } = scene();
    const play = engine.ticket(room.id, viewer(), UNTOUCHED);
    const share = engine.publishTicket(room.id);
    // Where the ticket is a name in the address; elsewhere the address is one for all.
    const named = (url: string, from: string, to: string): string =>
      from === "" ? url : url.replace(from, to);
    const nameIn = (url: string): string => /\/app\/([^/?]+)/.exec(url)?.[1] ?? "";
    const [playName, shareName] = [nameIn(play.url), nameIn(share.url)];
    expect(await scene().publish(named(share.url, shareName, playName), play.ticket)).toBe(false);
    expect(await scene().play(named(play.url, playName, shareName), share.ticket)).toBe(false);
    for (const secret of ["the-key", room.streamName])
      expect(await scene().play(named(play.url, playName, secret), secret)).toBe(false);
    expect(await scene().publish(share.url, share.ticket)).toBe(true);
    expect(await scene().publish(share.url, share.ticket)).toBe(false);
    const cut = engine.publishTicket(room.id);
    await engine.disconnect({
      roomId: room.id,
      streamName: room.streamName,
      who: "publisher",
      reason: "key-rotated",
    });
    expect(await scene().publish(cut.url, cut.ticket)).toBe(false);
  }, 60_000);

  test("the next encoder takes over where that was allowed, and a blocked address is cut and stays out", async () => {
    const { engine, room } = scene();
    const first = await scene().encode("the-key");
    await isLive();
    await engine.allowTakeOver(room.id);
    const second = await scene().encode("the-key");
    await first.stop();
    await isLive();

    scene().blocked.add("127.0.0.1");
    const began = performance.now();
    await engine.disconnectAddresses((address) => scene().blocked.has(address));
    await isOver();
    expect(performance.now() - began).toBeLessThan(5_000);
    await second.stop();
    scene().blocked.clear();
  }, 60_000);

  test("an engine that dies leaves no room live for 10 s, gives no tickets, and tells its takes when it is back", async () => {
    const { engine, room } = scene();
    const encoder = await scene().encode("the-key");
    await isLive();
    const before = scene().news.length;
    const beganMs = performance.now();
    await scene().kill();
    await isOver();
    expect(performance.now() - beganMs).toBeLessThan(GONE_MS);
    await expect
      .poll(
        () =>
          engine.isAway() ||
          scene()
            .news.slice(before)
            .some(({ is }) => is === "takes"),
        WITHIN_MS,
      )
      .toBe(true);
    if (engine.isAway()) expect(() => engine.ticket(room.id, viewer(), UNTOUCHED)).toThrow(EngineAwayError);
    await encoder.stop();
    await scene().revive();
    await expect.poll(() => engine.isAway(), WITHIN_MS).toBe(false);
    await expect
      .poll(
        () =>
          scene()
            .news.slice(before)
            .some(({ is }) => is === "takes"),
        WITHIN_MS,
      )
      .toBe(true);
    const again = await scene().encode("the-key");
    await isLive();
    await again.stop();
  }, 60_000);
}
