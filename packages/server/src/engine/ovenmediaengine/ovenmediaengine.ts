import type { IceServers, IngestUrl } from "@colourstream/contract";
import type { IngestPorts } from "../../addresses.js";
import type { Blocks } from "../../auth/blocks.js";
import type { Bus } from "../../bus/bus.js";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { SrtAccess } from "../../rooms/srt-access.js";
import type { RuntimeSettings } from "../../settings.js";
import type { IngestAccess, MediaEngine } from "../engine.js";
import type { OmeAdmission } from "./admission.js";
import type { OmeConfig } from "./ome-config.js";

/** What the driver needs. */
export type OmeOptions = {
  readonly config: OmeConfig;
  /** PUBLIC_URL: where players reach a node that has no address of its own. */
  readonly publicUrl: string | null;
  readonly settings: RuntimeSettings["now"];
  readonly rooms: RoomDirectory;
  readonly blocks: Pick<Blocks, "isBlocked">;
  readonly srtAccess: Pick<SrtAccess, "passphraseOf">;
  readonly iceServers: (participantId: string) => IceServers;
  /** What encoders are told of these ports, in a studio opened at this origin. */
  readonly ingestUrls: (ports: IngestPorts, access: IngestAccess, origin: string | null) => IngestUrl[];
  readonly recordingsDir: string;
  /** Tickets made by one process are good on all. */
  readonly bus: Bus;
  readonly clock: () => number;
  readonly wallClock: () => number;
  log(level: "info" | "warn", message: string, about?: object): void;
};

/** OvenMediaEngine, and what answers its questions. */
export type OmeEngine = MediaEngine & { readonly admission: OmeAdmission };

/** OvenMediaEngine's origin and edges as our media engine. */
export function createOmeEngine(_options: OmeOptions): OmeEngine {
  throw new Error("not built yet");
}
