import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { isDeepStrictEqual } from "node:util";
import type { IceServers, IngestUrl } from "@colourstream/contract";
import type {
  EngineEvent,
  EngineRecording as EngineRecordingOfEngine,
  EngineStream,
  PeerAddress,
  ProductDuties,
  Verdict,
} from "@colourstream/media";
import { CONTROL_PROTOCOL } from "@colourstream/media";
import type { IngestPorts } from "../../addresses.js";
import type { Blocks } from "../../auth/blocks.js";
import type { ServiceKeys } from "../../auth/service-keys.js";
import { createTickets, TICKET_MS } from "../../auth/tickets.js";
import type { LogLevel } from "../../config.js";
import { isOpen } from "../../domain/room.js";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { SrtAccess } from "../../rooms/srt-access.js";
import type { StoredRoom } from "../../store/rooms.js";
import {
  EngineAwayError,
  type EngineNews,
  type EngineRecording,
  EngineSettingError,
  type IngestAccess,
  type MediaEngine,
} from "../engine.js";
import { createRefusals } from "../refusals.js";
import { createViewerNotes } from "../viewer-notes.js";
import { CHECK_STREAM, createCheckPicture } from "./check-picture.js";
import {
  ENGINE_PATHS,
  type EngineSettings,
  type EngineWish,
  portsOf,
  settingsFor,
} from "./engine-settings.js";
import { needPorts, settingBehind } from "./ports.js";
import { embeddedView, statusFrom, takeFrom } from "./stream-views.js";
import { createSupervisor, type RunningEngine, type Supervisor } from "./supervisor.js";

const STREAMS_EVERY_MS = 2_000;
const RECORDING_END_MS = 30_000; // 128 MiB may wait for a slow disk
const ENGINE = "embedded"; // tickets are bound to the engine they were made for

/** What the embedded engine needs. */
export type EmbeddedOptions = {
  /** As they are now: read again when the engine is to follow a change. */
  readonly settings: () => EngineWish;
  readonly logLevel: LogLevel;
  /** RTMPS's certificate and key, PEM; null: there is no RTMPS. */
  readonly rtmpsFiles: { readonly cert: string; readonly key: string } | null;
  /** What credentials for the calls' relay are made with; null: TURN servers of the environment do its work. */
  readonly relay: { readonly secret: string } | null;
  /** What encoders are told of these ports, in a studio opened at this origin. */
  readonly ingestUrls: (ports: IngestPorts, access: IngestAccess, origin: string | null) => IngestUrl[];
  /** STUN and TURN servers with credentials for one viewer. */
  readonly iceServers: (participantId: string) => IceServers;
  readonly recordingsDir: string;
  readonly srtAccess: Pick<SrtAccess, "passphraseOf">;
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
  /** What a page of the studio publishes with: kept apart, so that nothing that plays can publish. */
  const shares = createTickets(() => performance.now());
  const checkPicture = createCheckPicture(() => performance.now());
  const streams = new Map<string, EngineStream>();
  const refusals = createRefusals(wallClock);
  const listeners: ((news: EngineNews) => void)[] = [];
  const viewerAddresses = createViewerNotes<string>();
  let running: RunningEngine | null = null;
  /** Since when it has been there, or away. */
  let stateSince = wallClock();
  let ports = portsOf(settings);
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

  const turnedAway = (roomId: string, reason: string, detail: string, from: PeerAddress): void => {
    if (refusals.note(roomId, reason, detail, from)) changed(roomId);
  };

  /** The room that a key opens: over SRT it is the streamid, over WHIP it can be a ticket. */
  const publishesInto = (key: string, protocol: PeerAddress["protocol"]): StoredRoom | null => {
    if (protocol === "srt") return rooms.bySrtId(key);
    const room = rooms.byKey(key);
    if (room !== null || protocol !== "whip") return room;
    const share = shares.spend(key, ENGINE);
    return typeof share === "string" ? null : rooms.byId(share.roomId);
  };

  const duties: Omit<ProductDuties, "deadlineMs" | "token"> = {
    mayPublish: ({ key, from }): Verdict => {
      if (blocks.isBlocked(from.address)) return { allowed: false, reason: "address-blocked" };
      const room = publishesInto(key, from.protocol);
      if (room === null) {
        tell({ is: "wrong-key", address: from.address, protocol: from.protocol });
        return { allowed: false, reason: "unknown-key" };
      }
      if (!isOpen(room, wallClock())) {
        const detail = room.archivedAt === null ? "The room's time is over." : "The room is archived.";
        turnedAway(room.id, "archived", detail, from);
        return { allowed: false, reason: "unknown-key" };
      }
      const isSrt = from.protocol === "srt";
      const passphrase = isSrt && room.srtEncrypted ? options.srtAccess.passphraseOf(room) : null;
      return { allowed: true, stream: room.streamName, viewer: null, lifetimeMs: null, passphrase };
    },
    mayPlay: ({ ticket, from }): Verdict => {
      if (blocks.isBlocked(from.address)) return { allowed: false, reason: "address-blocked" };
      const spent = tickets.spend(ticket, ENGINE);
      if (spent === "invalid-ticket") return checkPicture.spend(ticket);
      if (spent === "expired-ticket") return { allowed: false, reason: spent };
      const room = rooms.byId(spent.roomId);
      const lifetimeMs = spent.sessionExpiresAt - wallClock();
      if (room === null || !isOpen(room, wallClock()) || lifetimeMs <= 0) {
        return { allowed: false, reason: "invalid-ticket" };
      }
      viewerAddresses.note(spent.participantId, from.address);
      const { participantId: viewer } = spent;
      return { allowed: true, stream: room.streamName, viewer, lifetimeMs, passphrase: null };
    },
    onTell: (event) => hear(event),
  };

  const recordingFrom = ({
    recording,
    stream,
    ...grown
  }: EngineRecordingOfEngine): EngineRecording | null => {
    const room = rooms.byStream(stream);
    return room === null ? null : { id: recording, roomId: room.id, ...grown };
  };

  const hearRecording = (event: Extract<EngineEvent, { recording: unknown }>): void => {
    const recording = recordingFrom(event.recording);
    if (recording === null) return;
    if (event.event === "recordingGrew") tell({ is: "recording-grew", recording });
    else tell({ is: "recording-ended", recording, why: event.why, detail: event.detail });
  };

  const hear = (event: EngineEvent): void => {
    if (event.event === "recordingGrew" || event.event === "recordingEnded") {
      hearRecording(event);
      return;
    }
    if (event.event === "unpublished") {
      streams.delete(event.stream);
      if (event.stream === CHECK_STREAM) return; // nobody's take
      tell({ is: "take-ended", takeId: event.take, reason: event.reason });
      changedStream(event.stream);
      return;
    }
    if (event.event === "publishRefused") {
      const room = event.stream === null ? null : rooms.byStream(event.stream);
      if (room === null) return;
      const { reason, detail, from } = event;
      turnedAway(room.id, reason, detail, from);
      return;
    }
    streams.set(event.stream.stream, event.stream);
    if (event.event === "published") began(event.stream);
    changedStream(event.stream.stream);
  };

  const began = (stream: EngineStream): void => {
    const room = rooms.byStream(stream.stream);
    if (room === null) return;
    refusals.forget(room.id);
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

  const hearPorts = ({ rtmpPort: rtmp, rtmpsPort: rtmps, srtPort: srt }: RunningEngine["hello"]): void => {
    ports = { ...ports, rtmp, rtmps, srt };
  };

  const pollStreams = async ({ link, hello: { settingsHash } }: RunningEngine): Promise<void> => {
    try {
      const hello = await link.ask("hello", { protocol: CONTROL_PROTOCOL, settingsHash });
      if (running?.link !== link) return;
      hearPorts(hello); // RTMPS comes on when its certificate can be used, the relay when its port is free
      takeOver(hello.streams);
      await checkPicture.tend(link, streams.get(CHECK_STREAM)?.viewers ?? null);
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
        stateSince = wallClock();
        hearPorts(engine.hello);
        takeOver(engine.hello.streams);
        for (const stream of engine.hello.streams) began(stream);
        tell({ is: "takes", running: engine.hello.streams.map(({ take }) => take) });
        tell({
          is: "recordings",
          running: engine.hello.recordings.flatMap((recording) => recordingFrom(recording) ?? []),
        });
        clearInterval(poll);
        poll = setInterval(() => void pollStreams(engine), STREAMS_EVERY_MS).unref();
      },
      down: () => {
        running = null;
        stateSince = wallClock();
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
    ports = portsOf(wanted);
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
    throw new EngineSettingError(
      settingBehind(before, wanted),
      "The media engine does not start with these settings.",
    );
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
    ingestUrls: (access, origin) => options.ingestUrls(ports, access, origin),
    ticket: (roomId, viewer, { way }) => {
      linkNow();
      const protocol = way === "webrtc" ? "whep" : "hls";
      return {
        protocol,
        rendition: "untouched",
        url: ENGINE_PATHS[protocol],
        ticket: tickets.make({ roomId, engine: ENGINE, ...viewer }),
        expiresAt: wallClock() + TICKET_MS,
        iceServers: protocol === "whep" ? options.iceServers(viewer.participantId) : [],
      };
    },
    publishTicket: (roomId) => {
      linkNow();
      const who = `share:${roomId}`; // the room's own: nobody else's ticket is pushed out by it
      const forWhom = {
        roomId,
        participantId: who,
        engine: ENGINE,
        sessionExpiresAt: wallClock() + TICKET_MS,
      };
      return {
        url: ENGINE_PATHS.whip,
        ticket: shares.make(forWhom),
        expiresAt: wallClock() + TICKET_MS,
        iceServers: options.iceServers(who),
      };
    },
    checkTicket: async (participantId) => {
      const ticket = await checkPicture.makeTicket(linkNow());
      return {
        protocol: "whep",
        rendition: "untouched",
        url: ENGINE_PATHS.whep,
        ticket,
        expiresAt: wallClock() + TICKET_MS,
        iceServers: options
          .iceServers(participantId ?? "")
          .filter(({ credential }) => participantId !== null || credential === undefined),
      };
    },
    iceServers: options.iceServers,
    relayPort: () => running?.hello.relayPort ?? null,
    allowTakeOver: async (roomId) => {
      await linkNow().ask("allowTakeOver", { stream: streamNameOf(roomId) });
    },
    startRecording: async (roomId, id) => {
      const asked = { stream: streamNameOf(roomId), recording: id };
      const { started, reason } = await linkNow().ask("startRecording", asked);
      return started ? "started" : (reason ?? "failed");
    },
    stopRecording: async (id) =>
      (await linkNow().ask("stopRecording", { recording: id }, RECORDING_END_MS)).stopped,
    saveKeyframe: async (roomId, id) => {
      const asked = { stream: streamNameOf(roomId), recording: id };
      return (await linkNow().ask("saveKeyframe", asked)).saved;
    },
    stream: (roomId) => {
      const room = rooms.byId(roomId);
      const stream = room === null ? undefined : streams.get(room.streamName);
      return stream === undefined ? null : statusFrom(stream);
    },
    lastRefused: refusals.last,
    disconnect: async (who) => {
      if ("participantId" in who) {
        tickets.cancel({ participantId: who.participantId });
        await running?.link.ask("disconnect", { viewer: who.participantId }).catch(goneAnyway);
        return;
      }
      if (who.who !== "publisher") tickets.cancel({ roomId: who.roomId });
      if (who.who !== "viewers") shares.cancel({ roomId: who.roomId });
      const { streamName: stream, reason } = who;
      await running?.link.ask("disconnect", { stream, who: who.who, reason }).catch(goneAnyway);
    },
    disconnectAddresses: async (isTheirs) => {
      const publishers = [...streams.values()].filter(({ source }) => {
        return source?.address != null && isTheirs(source.address);
      });
      await Promise.all([
        ...publishers.map(({ stream }) => {
          const cut = { stream, who: "publisher", reason: "disconnected" } as const;
          return running?.link.ask("disconnect", cut).catch(goneAnyway);
        }),
        ...viewerAddresses.those(isTheirs).map((viewer) => {
          tickets.cancel({ participantId: viewer });
          return running?.link.ask("disconnect", { viewer }).catch(goneAnyway);
        }),
      ]);
    },
    view: async () =>
      embeddedView({
        streams: [...streams.values()],
        rooms,
        since: stateSince,
        version: options.build,
        isAway: running === null,
      }),
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
