import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { isDeepStrictEqual } from "node:util";
import type { RefusedPublish, StreamStatus } from "@colourstream/contract";
import type {
  EngineEvent,
  EngineSettings as EngineSettingsWithKeys,
  EngineStream,
  ProductDuties,
  Verdict,
} from "@colourstream/media";
import type { Blocks } from "../../auth/blocks.js";
import type { ServiceKeys } from "../../auth/service-keys.js";
import { createTickets, TICKET_MS } from "../../auth/tickets.js";
import type { LogLevel } from "../../config.js";
import { isOpen } from "../../domain/room.js";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { SettingValues } from "../../settings.js";
import {
  EngineAwayError,
  type EngineNews,
  EngineSettingError,
  type EngineTake,
  type MediaEngine,
} from "../engine.js";
import { needPorts } from "./ports.js";
import { createSupervisor, type RunningEngine, type Supervisor } from "./supervisor.js";

/** The keys are the supervisor's affair: they change while the engine runs. */
type EngineSettings = Omit<EngineSettingsWithKeys, "serviceKeys">;

const ORPHAN_MS = 60_000; // an engine without a product: long enough for a restart with a build in it
const STREAMS_EVERY_MS = 2_000;
const MAX_VIEWERS = 10_000;
const REFUSAL_SHOWN_MS = 10 * 60_000;
const ENGINE = "embedded"; // tickets are bound to the engine they were made for

/** The path on our own origin where WHEP is passed through to the engine. */
export const WHEP_PATH = "/whep";

/** What of the settings concerns the engine. */
export type EngineWish = Pick<
  SettingValues,
  "rtmpOn" | "rtmpPort" | "webrtcFirstPort" | "webrtcLastPort" | "publicAddress"
>;

/** What the embedded engine needs. */
export type EmbeddedOptions = {
  /** As they are now: read again when the engine is to follow a change. */
  readonly settings: () => EngineWish;
  readonly logLevel: LogLevel;
  /** What an encoder is told for a port of ours, in a studio opened at this origin. */
  readonly rtmpServer: (port: number, origin: string | null) => string;
  readonly runDir: string;
  /** Our version: an engine of another one is replaced. */
  readonly build: string;
  readonly rooms: RoomDirectory;
  readonly blocks: Pick<Blocks, "isBlocked">;
  readonly serviceKeys: Pick<ServiceKeys, "sign" | "jwks" | "onRotated">;
  readonly wallClock: () => number;
  log(level: "info" | "warn", message: string, about?: object): void;
};

/** The embedded engine, and the socket on which it serves WHEP. */
export type EmbeddedEngine = MediaEngine & { readonly httpPath: string };

/** Our own engine, in a process of its own that survives a crash of this one. */
export function createEmbeddedEngine(options: EmbeddedOptions): EmbeddedEngine {
  const { rooms, blocks, wallClock } = options;
  let settings = settingsFor(options);
  const tickets = createTickets(() => performance.now());
  const streams = new Map<string, EngineStream>();
  const refusals = new Map<string, RefusedPublish>();
  const listeners: ((news: EngineNews) => void)[] = [];
  const viewerAddresses = new Map<string, string>();
  let running: RunningEngine | null = null;
  let rtmpPort = settings.rtmp?.port ?? null;
  let poll: NodeJS.Timeout | undefined;

  const tell = (news: EngineNews): void => {
    for (const listener of listeners) listener(news);
  };
  const changed = (roomId: string): void => tell({ is: "changed", roomId });
  const streamNameOf = (roomId: string): string => {
    const room = rooms.byId(roomId);
    if (room === null) throw new Error(`there is no room ${roomId}`);
    return room.streamName;
  };

  const refused = (roomId: string, refusal: RefusedPublish): void => {
    refusals.set(roomId, refusal); // one for each room: bounded by the rooms
    changed(roomId);
  };

  const duties: Omit<ProductDuties, "deadlineMs" | "token"> = {
    mayPublish: ({ key, from }): Verdict => {
      if (blocks.isBlocked(from.address)) return { allowed: false, reason: "address-blocked" };
      const room = rooms.byKey(key);
      if (room === null) return { allowed: false, reason: "unknown-key" };
      if (!isOpen(room, wallClock())) {
        const detail = room.archivedAt === null ? "The room's time is over." : "The room is archived.";
        refused(room.id, { at: wallClock(), reason: "archived", detail, address: from.address });
        return { allowed: false, reason: "unknown-key" };
      }
      return { allowed: true, stream: room.streamName, viewer: null, lifetimeMs: null };
    },
    mayPlay: ({ ticket, from }): Verdict => {
      if (blocks.isBlocked(from.address)) return { allowed: false, reason: "address-blocked" };
      const spent = tickets.spend(ticket, ENGINE);
      if (typeof spent === "string") return { allowed: false, reason: spent };
      const room = rooms.byId(spent.roomId);
      const lifetimeMs = spent.sessionExpiresAt - wallClock();
      if (room === null || !isOpen(room, wallClock()) || lifetimeMs <= 0) {
        return { allowed: false, reason: "invalid-ticket" };
      }
      watches(spent.participantId, from.address);
      return { allowed: true, stream: room.streamName, viewer: spent.participantId, lifetimeMs };
    },
    onTell: (event) => hear(event),
  };

  /** Where viewers are, for when their address is blocked. The oldest is forgotten first. */
  const watches = (participantId: string, address: string): void => {
    viewerAddresses.delete(participantId);
    viewerAddresses.set(participantId, address);
    const oldest = viewerAddresses.keys().next().value;
    if (viewerAddresses.size > MAX_VIEWERS && oldest !== undefined) viewerAddresses.delete(oldest);
  };

  const hear = (event: EngineEvent): void => {
    if (event.event === "unpublished") {
      streams.delete(event.stream);
      tell({ is: "take-ended", takeId: event.take, reason: event.reason });
      changedStream(event.stream);
      return;
    }
    if (event.event === "publishRefused") {
      const room = event.stream === null ? null : rooms.byStream(event.stream);
      if (room === null) return;
      const { reason, detail, from } = event;
      refused(room.id, { at: wallClock(), reason, detail, address: from.address });
      return;
    }
    streams.set(event.stream.stream, event.stream);
    if (event.event === "published") began(event.stream);
    changedStream(event.stream.stream);
  };

  const began = (stream: EngineStream): void => {
    const room = rooms.byStream(stream.stream);
    if (room === null) return;
    refusals.delete(room.id);
    tell({ is: "take-began", take: takeFrom(room.id, stream) });
  };

  const changedStream = (streamName: string): void => {
    const room = rooms.byStream(streamName);
    if (room !== null) changed(room.id);
  };

  const takeOver = (now: readonly EngineStream[]): void => {
    const before = [...streams.keys()];
    streams.clear();
    for (const stream of now) streams.set(stream.stream, stream);
    for (const name of new Set([...before, ...streams.keys()])) changedStream(name);
  };

  const pollStreams = async ({ link }: RunningEngine): Promise<void> => {
    try {
      takeOver((await link.ask("streams", {})).streams);
    } catch (error) {
      options.log("info", "the engine did not list its streams", { reason: String(error) }); // the supervisor sees to it
    }
  };

  const superviseWith = (wanted: EngineSettings): Supervisor =>
    createSupervisor({
      settings: wanted,
      keys: options.serviceKeys,
      build: options.build,
      pidFile: join(options.runDir, "engine.pid"),
      duties,
      log: options.log,
      up: (engine) => {
        running = engine;
        rtmpPort = engine.hello.rtmpPort ?? rtmpPort;
        takeOver(engine.hello.streams);
        for (const stream of engine.hello.streams) began(stream);
        tell({ is: "takes", running: engine.hello.streams.map(({ take }) => take) });
        clearInterval(poll);
        poll = setInterval(() => void pollStreams(engine), STREAMS_EVERY_MS).unref();
      },
      down: () => {
        running = null;
        clearInterval(poll);
        takeOver([]);
      },
    });
  let supervisor = superviseWith(settings);
  options.serviceKeys.onRotated(() => supervisor.trustKeys());

  const endSupervisor = async (): Promise<void> => {
    clearInterval(poll);
    running = null;
    await supervisor.stop();
  };
  const startWith = async (wanted: EngineSettings): Promise<void> => {
    settings = wanted;
    rtmpPort = wanted.rtmp?.port ?? null;
    supervisor = superviseWith(wanted);
    await supervisor.start();
  };
  const follow = async (): Promise<void> => {
    const before = settings;
    const wanted = settingsFor(options);
    if (isDeepStrictEqual(wanted, before)) return;
    await needPorts(before, wanted);
    await endSupervisor();
    takeOver([]);
    try {
      await startWith(wanted);
      if (running !== null) return;
    } catch (error) {
      options.log("warn", "the engine could not follow the settings", { reason: String(error) });
    }
    await endSupervisor();
    await startWith(before);
    throw new EngineSettingError("rtmpPort", "The media engine does not start with these settings.");
  };

  const linkNow = (): RunningEngine["link"] => {
    if (running === null) throw new EngineAwayError();
    return running.link;
  };

  return {
    httpPath: settings.httpPath,
    start: () => supervisor.start(),
    stop: endSupervisor,
    reconfigure: follow,
    isAway: () => running === null,
    ingestUrls: (key, origin) =>
      rtmpPort === null ? [] : [{ protocol: "rtmp", server: options.rtmpServer(rtmpPort, origin), key }],
    ticket: (roomId, viewer) => {
      linkNow();
      const ticket = tickets.make({ roomId, engine: ENGINE, ...viewer });
      return { protocol: "whep", url: WHEP_PATH, ticket, expiresAt: wallClock() + TICKET_MS, iceServers: [] };
    },
    stream: (roomId) => {
      const room = rooms.byId(roomId);
      const stream = room === null ? undefined : streams.get(room.streamName);
      return stream === undefined ? null : statusFrom(stream);
    },
    lastRefused: (roomId) => {
      const refusal = refusals.get(roomId);
      if (refusal === undefined || wallClock() - refusal.at > REFUSAL_SHOWN_MS) return null;
      return refusal;
    },
    disconnect: async (who) => {
      if ("participantId" in who) {
        tickets.cancel({ participantId: who.participantId });
        await running?.link.ask("disconnect", { viewer: who.participantId }).catch(goneAnyway);
        return;
      }
      if (who.who !== "publisher") tickets.cancel({ roomId: who.roomId });
      const { streamName: stream, reason } = who;
      await running?.link.ask("disconnect", { stream, who: who.who, reason }).catch(goneAnyway);
    },
    disconnectAddresses: async (isTheirs) => {
      const publishers = [...streams.values()].filter(({ source }) => {
        return source?.address != null && isTheirs(source.address);
      });
      const viewers = [...viewerAddresses].filter(([, address]) => isTheirs(address));
      await Promise.all([
        ...publishers.map(({ stream }) => {
          const cut = { stream, who: "publisher", reason: "disconnected" } as const;
          return running?.link.ask("disconnect", cut).catch(goneAnyway);
        }),
        ...viewers.map(([viewer]) => {
          tickets.cancel({ participantId: viewer });
          return running?.link.ask("disconnect", { viewer }).catch(goneAnyway);
        }),
      ]);
    },
    startTestSignal: async (roomId) => {
      const { started } = await linkNow().ask("startTestSignal", { stream: streamNameOf(roomId) });
      return started ? "started" : "already-live";
    },
    stopTestSignal: async (roomId) => {
      await linkNow().ask("stopTestSignal", { stream: streamNameOf(roomId) });
    },
    on: (listener) => {
      listeners.push(listener);
    },
  };

  /** An engine that does not answer is killed within 2 s by its supervisor: those to be cut go with it. */
  function goneAnyway(error: unknown): void {
    options.log("warn", "the engine did not confirm a disconnect", { reason: String(error) });
  }
}

function settingsFor({ settings, runDir, logLevel }: EmbeddedOptions): EngineSettings {
  const { rtmpOn, rtmpPort, webrtcFirstPort, webrtcLastPort, publicAddress } = settings();
  return {
    controlPath: join(runDir, "engine-control.sock"),
    httpPath: join(runDir, "engine-http.sock"),
    rtmp: rtmpOn ? { host: "0.0.0.0", port: rtmpPort } : null,
    webrtc: { firstPort: webrtcFirstPort, lastPort: webrtcLastPort, publicAddress, bindAddress: null },
    logLevel,
    orphanMs: ORPHAN_MS,
  };
}

function takeFrom(roomId: string, { take, sinceAt, source }: EngineStream): EngineTake {
  return { id: take, roomId, sinceAt, protocol: source?.protocol ?? null, encoder: source?.encoder ?? null };
}

/** What people may know of a stream: neither its name in the engine nor the encoder's address. */
function statusFrom({ stream: _name, source, warnings, notices, ...shown }: EngineStream): StreamStatus {
  return {
    ...shown,
    source: source === null ? null : { protocol: source.protocol, encoder: source.encoder },
    warnings: [...warnings],
    notices: [...notices],
  };
}
