import { statfs } from "node:fs/promises";
import type { EngineView, StreamStatus } from "@colourstream/contract";
import { Counter, collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import type { Product } from "../http/context.js";
import type { PartsCheck } from "../http/health.js";

const LOOP_DELAY_STEP_MS = 20; // how often the delay of the event loop is looked at
const ANSWER_MS = 3_000; // Prometheus waits 10 s in all
const MEMORY_MS = 500; // one scrape reads the engine once, whichever metric comes first

/** What the product tells of itself, read when Prometheus asks. Nothing in a label names a person or a room. */
export function measureProduct(
  registry: Registry,
  product: Product,
  ports: { readonly parts: PartsCheck; readonly sockets: () => number },
): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_DELAY_STEP_MS });
  const gauge = (name: string, help: string, read: () => number | null | Promise<number | null>): void => {
    new Gauge({
      name: `colourstream_${name}`,
      help,
      registers: [registry],
      async collect() {
        const value = await read();
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  };
  const labelled = <L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: () => Row<L>[] | Promise<Row<L>[]>,
  ): void => {
    new Gauge({
      name: `colourstream_${name}`,
      help,
      labelNames: labels,
      registers: [registry],
      async collect() {
        const rows = await read();
        this.reset();
        for (const { value, ...of } of rows) this.set(of as unknown as Record<L, string>, value);
      },
    });
  };
  // Before what asks the database itself: Prometheus' own question is not one that waits.
  measureConnections(product, gauge, labelled);
  measureRooms(product, gauge, labelled);
  measureEngine(product, gauge, labelled);
  measureParts(product, ports, gauge, labelled);
  measureDisk(product, gauge);
  countNews(product, registry);
}

type Row<L extends string> = { readonly [K in L]: string } & { readonly value: number };
type AddGauge = (name: string, help: string, read: () => number | null | Promise<number | null>) => void;
type AddLabelled = <L extends string>(
  name: string,
  help: string,
  labels: readonly L[],
  read: () => Row<L>[] | Promise<Row<L>[]>,
) => void;

function measureRooms(product: Product, gauge: AddGauge, labelled: AddLabelled): void {
  const { directory, presence, engine, conference, recordings } = product;
  const live = (): StreamStatus[] =>
    directory.all().flatMap(({ id }) => {
      const stream = engine.stream(id);
      return stream?.state === "live" ? [stream] : [];
    });
  const sum = (of: (stream: StreamStatus) => number): number =>
    live().reduce((all, stream) => all + of(stream), 0);

  labelled("rooms", "Rooms there are", ["state"], () => {
    const archived = directory.all().filter(({ archivedAt }) => archivedAt !== null).length;
    return [
      { state: "open", value: directory.all().length - archived },
      { state: "archived", value: archived },
    ];
  });
  gauge("rooms_live", "Rooms into which an encoder sends", () => live().length);
  gauge("viewers", "Players that get a live picture", () => sum(({ viewers }) => viewers));
  gauge("ingest_bits_per_second", "What all encoders send together", () =>
    sum(({ video, audio }) => (video?.bitsPerSecond ?? 0) + (audio?.bitsPerSecond ?? 0)),
  );
  labelled("people", "People in rooms now, by role; hosts are those who run a room", ["role"], () => {
    const counts = { host: 0, presenter: 0, reviewer: 0, observer: 0 };
    for (const { id } of directory.all())
      for (const { isHost, role } of presence.list(id)) counts[isHost ? "host" : role] += 1;
    return Object.entries(counts).map(([role, value]) => ({ role, value }));
  });
  gauge("calls", "Rooms with a call under way", () => conference.counts().calls);
  gauge("call_people", "Pages in calls", () => conference.counts().people);
  gauge(
    "recordings_running",
    "Recordings that grow",
    () =>
      directory.all().filter(({ id }) => {
        const running = recordings.ofRoom(id);
        return running !== null && running.stopped === null;
      }).length,
  );
}

/** Read from the disk and the database when asked; what of them is away leaves its figures out, and no others. */
function measureDisk({ config, recordings }: Product, gauge: AddGauge): void {
  const disk = (): Promise<{ readonly free: number; readonly all: number } | null> =>
    within(
      statfs(config.dataDir).then(({ bsize, bavail, blocks }) => ({
        free: bavail * bsize,
        all: blocks * bsize,
      })),
      ANSWER_MS,
    );
  gauge(
    "disk_free_bytes",
    "Free on the disk of the data directory",
    async () => (await disk())?.free ?? null,
  );
  gauge("disk_bytes", "Size of that disk", async () => (await disk())?.all ?? null);
  gauge("recordings_bytes", "What all recordings take", async () => {
    return (await within(recordings.disk(), ANSWER_MS))?.usedBytes ?? null;
  });
}

function measureEngine({ engine }: Product, gauge: AddGauge, labelled: AddLabelled): void {
  let read: { readonly at: number; readonly view: Promise<EngineView | null> } | null = null;
  /** Null: it does not answer. */
  const view = (): Promise<EngineView | null> => {
    if (read === null || performance.now() - read.at > MEMORY_MS)
      read = { at: performance.now(), view: within(engine.view(), ANSWER_MS) };
    return read.view;
  };
  const nodes = async () => (await view())?.nodes ?? [];
  gauge("engine_up", "1 while the media engine answers", () => (engine.isAway() ? 0 : 1));
  labelled(
    "engine_node_state",
    "1 for the state that each of the engine's servers is in",
    ["node", "role", "state"],
    async () =>
      (await nodes()).flatMap(({ name, role, state }) =>
        (["ok", "failing", "away"] as const).map((one) => ({
          node: name,
          role,
          state: one,
          value: one === state ? 1 : 0,
        })),
      ),
  );
  labelled("engine_node_viewers", "Viewers on each of the engine's servers", ["node"], async () =>
    (await nodes()).map(({ name, viewers }) => ({ node: name, value: viewers })),
  );
  labelled(
    "engine_node_bits_per_second",
    "What each of them takes in and gives out",
    ["node", "way"],
    async () =>
      (await nodes()).flatMap(({ name, bitsPerSecondIn, bitsPerSecondOut }) => [
        ...(bitsPerSecondIn === null ? [] : [{ node: name, way: "in", value: bitsPerSecondIn }]),
        ...(bitsPerSecondOut === null ? [] : [{ node: name, way: "out", value: bitsPerSecondOut }]),
      ]),
  );
  labelled("engine_node_answer_seconds", "How long each took to answer last", ["node"], async () =>
    (await nodes()).flatMap(({ name, answerMs }) =>
      answerMs === null ? [] : [{ node: name, value: answerMs / 1000 }],
    ),
  );
  labelled(
    "admission_questions",
    "What the engine has asked since this process started, and how many of it were refused or forged",
    ["which"],
    async () => {
      const admission = (await view())?.admission ?? null;
      if (admission === null) return [];
      const { asked, refused, forged } = admission;
      return Object.entries({ asked, refused, forged }).map(([which, value]) => ({ which, value }));
    },
  );
  gauge("admission_slowest_seconds", "The slowest answer to the engine within a minute", async () => {
    const slowest = (await view())?.admission?.slowestMs ?? null;
    return slowest === null ? null : slowest / 1000;
  });
}

function measureConnections({ store }: Product, gauge: AddGauge, labelled: AddLabelled): void {
  labelled("database_connections", "Connections of this process to the database", ["state"], () => {
    const { all, idle } = store.connections();
    return [
      { state: "busy", value: all - idle },
      { state: "idle", value: idle },
    ];
  });
  gauge("database_waiting", "Requests that wait for a connection", () => store.connections().waiting);
}

function measureParts(
  product: Product,
  { parts, sockets }: { readonly parts: PartsCheck; readonly sockets: () => number },
  gauge: AddGauge,
  labelled: AddLabelled,
): void {
  const { bus, backups, version, config } = product;
  labelled("info", "Always 1; what runs here", ["version", "engine", "conference", "database"], () => [
    {
      version,
      engine: config.ome === null ? "embedded" : "ovenmediaengine",
      conference: config.mirotalk === null ? "builtin" : "mirotalk",
      database: config.databaseUrl === null ? "embedded" : "postgresql",
      value: 1,
    },
  ]);
  gauge("sockets", "Pages connected for live news", sockets);
  gauge("database_up", "1 while the database answers", async () =>
    (await parts()).database === "ok" ? 1 : 0,
  );
  gauge("bus_others", "Other server processes on the same database", () => bus.others().length);
  gauge("bus_first", "1 in the one process that does what is to be done once", () => (bus.isFirst() ? 1 : 0));
  gauge("backup_last_success_timestamp_seconds", "When the newest nightly backup was begun", () => {
    const { lastAt } = backups.state();
    return lastAt === null ? null : lastAt / 1000;
  });
  gauge(
    "backup_last_bytes",
    "Size of the newest nightly backup that this process made",
    () => backups.state().lastBytes,
  );
  gauge("backup_failed", "1 while the last nightly backup of this process failed", () =>
    backups.state().problem === null ? 0 : 1,
  );
}

function countNews({ chat, bus }: Product, registry: Registry): void {
  const messages = new Counter({
    name: "colourstream_chat_changes_total",
    help: "Chat messages written, edited or deleted, as this process told its people of them",
    registers: [registry],
  });
  chat.onNews(({ is }) => {
    if (is === "entry") messages.inc();
  });
  const gaps = new Counter({
    name: "colourstream_bus_gaps_total",
    help: "Times that news of the other processes may have been missed, and everything was read anew",
    registers: [registry],
  });
  bus.onGap(() => gaps.inc());
}

/** Null where it fails or takes too long: the scrape goes on without it. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  const done = await Promise.race([work.catch(() => null), late]);
  clearTimeout(timer);
  return done;
}
