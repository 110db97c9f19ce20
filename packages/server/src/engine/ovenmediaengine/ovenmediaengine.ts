import type { IceServers } from "@colourstream/contract";
import type { Blocks } from "../../auth/blocks.js";
import { TICKET_MS } from "../../auth/tickets.js";
import type { Bus } from "../../bus/bus.js";
import { ConfigError } from "../../config-error.js";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { RuntimeSettings } from "../../settings.js";
import type { StoredRoom } from "../../store/rooms.js";
import { EngineAwayError, EngineCannotError, type EngineNews, type MediaEngine } from "../engine.js";
import { createRefusals } from "../refusals.js";
import { createViewerNotes } from "../viewer-notes.js";
import { omeIngestUrls, playlistUrl, publicOriginOf, signallingUrl, whipUrl } from "./addresses.js";
import { createOmeAdmission, type LetIn, type OmeAdmission } from "./admission.js";
import { createEncoders } from "./encoders.js";
import { createNodeChoice } from "./nodes.js";
import type { OmeConfig } from "./ome-config.js";
import { createNodePoll, type NodePoll, type NodeState } from "./poll.js";
import { createOmeRecordings } from "./recordings.js";
import { createOmeRest, OmeError } from "./rest.js";
import { createOmeStreams } from "./streams.js";
import { createTakeOvers } from "./take-overs.js";
import { createOmeTickets } from "./tickets.js";
import { createUniversalRenditions } from "./universal.js";
import { omeView } from "./view.js";

/** What the driver needs. */
export type OmeOptions = {
  readonly config: OmeConfig;
  /** PUBLIC_URL: where players reach a node that has no address of its own. */
  readonly publicUrl: string | null;
  readonly settings: RuntimeSettings["now"];
  readonly rooms: RoomDirectory;
  readonly blocks: Pick<Blocks, "isBlocked">;
  readonly iceServers: (participantId: string) => IceServers;
  readonly recordingsDir: string;
  /** Seals tickets: the same in all processes, so that each one's are good on all. */
  readonly ticketKey: Uint8Array;
  readonly bus: Bus;
  readonly clock: () => number;
  readonly wallClock: () => number;
  log(level: "info" | "warn", message: string, about?: object): void;
};

/** OvenMediaEngine, and what answers its questions. */
export type OmeEngine = MediaEngine & { readonly admission: OmeAdmission };

/** A publisher that has sent nothing for as long has lost its place, as with the embedded engine. */
const SILENT_MS = 1_000;

/** OvenMediaEngine's origin and edges as our media engine. */
export function createOmeEngine(options: OmeOptions): OmeEngine {
  const { config, rooms, bus, clock, wallClock, log } = options;
  const { app, universalApp } = config;
  const originUrl = publicOriginOf(config.origin, options.publicUrl);
  if (originUrl === null)
    throw new ConfigError(
      "OME_PUBLIC_URL",
      "",
      "where players reach OvenMediaEngine, as there is no PUBLIC_URL",
    );
  const listeners: ((news: EngineNews) => void)[] = [];
  const tell = (news: EngineNews): void => {
    for (const listener of listeners) listener(news);
  };
  const tickets = createOmeTickets({ key: options.ticketKey, bus, wallClock });
  const refusals = createRefusals(wallClock);
  const takeOvers = createTakeOvers({ bus, clock });
  const encoders = createEncoders();
  const viewers = createViewerNotes<string>();
  /** On which server each viewer was let in last, and to which stream. */
  const places = createViewerNotes<{ readonly node: string; readonly streamName: string }>();

  const pollOf = (node: OmeConfig["origin"], role: NodeState["role"]): NodePoll =>
    createNodePoll({
      node,
      role,
      rest: createOmeRest({ node, token: config.apiToken, vhost: config.vhost }),
      apps: universalApp === null ? [app] : [app, universalApp],
      clock,
      wallClock,
      told: role === "origin" ? hearOrigin : () => undefined,
    });
  const origin = pollOf(config.origin, "origin");
  const edges = config.edges.map((node) => pollOf(node, "edge"));
  const states = (): NodeState[] => [origin, ...edges].map((poll) => poll.now());

  const streams = createOmeStreams({
    app,
    rooms,
    clock,
    nodes: states,
    encoderOf: (name) => encoders.nameOf(name),
    tell,
  });
  const choice = createNodeChoice({ config, nodes: states, clock });
  const universal = createUniversalRenditions({
    config,
    rooms,
    rest: origin.rest,
    isFirst: () => bus.isFirst(),
    clock,
  });
  const recordings = createOmeRecordings({
    app,
    rest: origin.rest,
    folder: options.recordingsDir,
    rooms,
    takeOf: (name) => streams.takeOf(name),
    clock,
    wallClock,
    tell,
    log,
  });

  const failed = (what: string) => (error: unknown) => {
    if (!(error instanceof OmeError)) throw error;
    log("warn", what, { reason: error.message });
  };

  let lastState: NodeState["state"] | null = null;
  function hearOrigin(state: NodeState): void {
    if (state.state !== lastState) {
      lastState = state.state;
      if (state.problem === null) log("info", "OvenMediaEngine's origin answers", { version: state.version });
      else log("warn", "OvenMediaEngine's origin has trouble", { problem: state.problem });
    }
    streams.take(state);
    void recordings.take(state).catch(failed("a recording was not followed"));
    void universal.tend(state).catch(failed("a universal rendition was not seen to"));
  }

  const cutPublisher = async (name: string): Promise<void> => {
    await origin.rest.endStream(app, name).catch(failed("a publisher was not cut"));
    origin.soon();
  };

  /**
   * OvenMediaEngine has no way to send one viewer out. What an edge pulls can be ended: all of its viewers of the room
   * lose the picture at once and come back with new tickets, but for those who get none.
   */
  const endOnEdges = async (name: string, isMeant: (node: NodeState["node"]) => boolean): Promise<void> => {
    const meant = edges.filter((edge) => isMeant(edge.now().node));
    await Promise.all(
      meant.map((edge) => edge.rest.endStream(app, name).catch(failed("an edge's viewers were not cut"))),
    );
  };

  const mayTake = ({ id, streamName }: StoredRoom): boolean => {
    const silentMs = streams.silentMs(streamName);
    if (silentMs === null) return true;
    origin.soon(); // so that who comes again is judged by what is so then
    if (silentMs <= SILENT_MS && !takeOvers.isAllowed(id)) return false;
    takeOvers.used(id);
    // Answered at once: OvenMediaEngine waits for it on the socket's thread, and looks at the name only when the new
    // publisher's first pictures are there, by when the old one is gone.
    void cutPublisher(streamName);
    return true;
  };

  const letIn = (who: LetIn): void => {
    if (who.is === "publisher") {
      encoders.note(who.room.streamName, who);
      origin.soon();
      return;
    }
    viewers.note(who.who.participantId, who.address);
    places.note(who.who.participantId, { node: who.who.node, streamName: who.room.streamName });
  };

  const admission = createOmeAdmission({
    config,
    settings: options.settings,
    rooms,
    blocks: options.blocks,
    tickets,
    refusals,
    mayTake,
    letIn,
    closed: () => origin.soon(),
    clock,
    wallClock,
    tell,
    log,
  });

  const isAway = (): boolean => origin.now().state === "away" && origin.now().report === null;
  const needOrigin = (): void => {
    if (isAway()) throw new EngineAwayError();
  };
  const needRoom = (roomId: string): StoredRoom => {
    const room = rooms.byId(roomId);
    if (room === null) throw new Error(`there is no room ${roomId}`);
    return room;
  };
  const cutViewer = async (participantId: string): Promise<void> => {
    tickets.cancel({ participantId });
    const place = places.of(participantId);
    if (place !== null) await endOnEdges(place.streamName, ({ name }) => name === place.node);
  };

  return {
    admission,
    start: async () => {
      await Promise.all([origin, ...edges].map((poll) => poll.start()));
    },
    stop: async () => {
      for (const poll of [origin, ...edges]) poll.stop();
    },
    // Its ports and ways in are its own configuration's; what is switched off is refused by admission.
    reconfigure: async () => undefined,
    isAway,
    relayPort: () => null,
    ingestUrls: (access) => omeIngestUrls(config, options.publicUrl, options.settings(), access),
    ticket: (roomId, { participantId, sessionExpiresAt }, wish) => {
      needOrigin();
      const { streamName, universal: isWanted } = needRoom(roomId);
      const isUniversal =
        wish.rendition === "universal" && isWanted && universalApp !== null && universal.has(streamName);
      const of = isUniversal ? universalApp : app;
      const chosen = choice.choose(isUniversal ? of : null)?.node ?? config.origin;
      const at = publicOriginOf(chosen, options.publicUrl) ?? originUrl;
      const ticket = tickets.make("play", { roomId, participantId, sessionExpiresAt, node: chosen.name });
      const isWebrtc = wish.way === "webrtc";
      return {
        protocol: isWebrtc ? "ome" : "hls-url",
        rendition: isUniversal ? "universal" : "untouched",
        url: isWebrtc ? signallingUrl(at, of, ticket) : playlistUrl(at, of, ticket),
        ticket: "",
        expiresAt: wallClock() + TICKET_MS,
        iceServers: isWebrtc ? options.iceServers(participantId) : [],
      };
    },
    publishTicket: (roomId) => {
      needOrigin();
      const who = `share:${roomId}`;
      const ticket = tickets.make("publish", {
        roomId,
        participantId: who,
        sessionExpiresAt: wallClock() + TICKET_MS,
        node: config.origin.name,
      });
      return {
        url: whipUrl(originUrl, app, ticket),
        ticket: "",
        expiresAt: wallClock() + TICKET_MS,
        iceServers: options.iceServers(who),
      };
    },
    // It shows only what somebody publishes: there is no picture for a check before the door.
    checkTicket: async () => {
      throw new EngineAwayError();
    },
    iceServers: options.iceServers,
    allowTakeOver: async (roomId) => takeOvers.allow(roomId),
    startRecording: async (roomId, id) => {
      needOrigin();
      return recordings.start(roomId, id);
    },
    stopRecording: (id) => recordings.stop(id),
    saveKeyframe: async () => false,
    stream: (roomId) => streams.status(roomId),
    lastRefused: refusals.last,
    disconnect: async (who) => {
      if ("participantId" in who) {
        // Who leaves lets go by themselves: others are not to lose the picture for that.
        if (who.isSentOut === true) await cutViewer(who.participantId);
        else tickets.cancel({ participantId: who.participantId });
        return;
      }
      const { roomId, streamName } = who;
      if (who.who !== "publisher") tickets.cancel({ roomId });
      else tickets.cancel({ participantId: `share:${roomId}` });
      // Whoever watches at the origin is cut with the stream alone; an encoder that may comes back by itself.
      await Promise.all([
        cutPublisher(streamName),
        ...(who.who === "publisher" ? [] : [endOnEdges(streamName, () => true)]),
      ]);
    },
    disconnectAddresses: async (isTheirs) => {
      const published = streams.liveNames().filter((name) => {
        const addresses = [encoders.addressOf(name), streams.publisherAt(name)];
        return addresses.some((address) => address !== null && isTheirs(address));
      });
      await Promise.all([...published.map(cutPublisher), ...viewers.those(isTheirs).map(cutViewer)]);
    },
    view: async () => omeView(states(), config, options.publicUrl, rooms, admission.counts()),
    startTestSignal: async () => {
      throw new EngineCannotError(
        "OvenMediaEngine makes no test signal: publish one from an encoder, such as OBS or FFmpeg.",
      );
    },
    stopTestSignal: async () => undefined,
    on: (listener) => {
      listeners.push(listener);
    },
  };
}
