import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";

const port = Type.Integer({ minimum: 1, maximum: 65_535 });
const days = Type.Integer({ minimum: 1, maximum: 3650 });

/** What the owner can change while it runs. A change of the first four restarts the media engine. */
const changeable = {
  rtmpOn: Type.Boolean({ description: "Whether encoders are let in by RTMP" }),
  rtmpPort: port,
  webrtcFirstPort: port,
  webrtcLastPort: port,
  publicAddress: Nullable(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: "Goes into ICE candidates and ingest addresses",
    }),
  ),
  newRoomWaitingRoom: Type.Boolean({ description: "New rooms have a waiting room" }),
  newRoomWatermark: Type.Boolean({ description: "New rooms have a watermark" }),
  newRoomDays: Nullable(days),
  newInvitationDays: Nullable(days),
  auditDays: days,
  takesDays: Nullable(days),
  archivedRoomsDays: Nullable(days),
} as const;

/** The name of a setting that can be changed. */
export type SettingName = keyof typeof changeable;

/** The settings as they are now. */
export const Settings = Type.Object({
  ...changeable,
  /** Those that the environment fixes, with the variable that does: they cannot be changed here. */
  fixed: Type.Array(Type.Object({ setting: Type.String(), variable: Type.String() })),
  /** Read only: the environment's, and good from a restart. */
  publicUrl: Nullable(Type.String()),
  httpPort: Type.Integer(),
  /** Whether the media engine answers with these settings. */
  engine: Type.Union([Type.Literal("ok"), Type.Literal("away")]),
});
export type Settings = Static<typeof Settings>;

/** A change of settings: those that are left out stay. */
export const SettingsChange = Type.Partial(Type.Object(changeable), { additionalProperties: false });
export type SettingsChange = Static<typeof SettingsChange>;

/** What this ColourStream is and runs on. */
export const About = Type.Object({
  version: Type.String(),
  node: Type.String(),
  platform: Type.String(),
  database: Type.String({ description: "Such as PostgreSQL 18.6, embedded" }),
  engine: Type.String({ description: "Such as embedded, answering" }),
  startedAt: Type.Number({ description: "ms since 1970" }),
  dataDir: Type.String(),
  diskFreeBytes: Nullable(Type.Number()),
  licence: Type.String(),
});
export type About = Static<typeof About>;

/** The installation's own settings: the owner's affair. */
export const settingsRoutes = {
  readSettings: route({
    method: "GET",
    path: "/settings",
    access: "owner",
    summary: "The settings as they are now, and which of them the environment fixes",
    response: Settings,
    status: 200,
  }),
  changeSettings: route({
    method: "PATCH",
    path: "/settings",
    access: "owner",
    stepUp: true,
    summary: "Changes settings; a change of ports or the public address restarts the media engine",
    body: SettingsChange,
    response: Settings,
    status: 200,
  }),
  readAbout: route({
    method: "GET",
    path: "/about",
    access: "owner",
    summary: "Version, machine, database, engine",
    response: About,
    status: 200,
  }),
} as const;
