import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";

const port = Type.Integer({ minimum: 1, maximum: 65_535 });
const days = Type.Integer({ minimum: 1, maximum: 3650 });

/** A STUN or TURN server's address (RFC 7064, RFC 7065), without user or password. */
export const IceServerUrl = Type.String({
  maxLength: 300,
  pattern: "^(stun|stuns|turn|turns):[A-Za-z0-9.\\[\\]:_-]+(\\?transport=(udp|tcp))?$",
});

/** What the owner can change while it runs. A change of ports or of the public address restarts the media engine. */
const changeable = {
  rtmpOn: Type.Boolean({ description: "Whether encoders are let in by RTMP" }),
  rtmpPort: port,
  rtmpsOn: Type.Boolean({ description: "RTMP over TLS; needs RTMPS_CERT_FILE and RTMPS_KEY_FILE" }),
  rtmpsPort: port,
  srtOn: Type.Boolean({ description: "Whether encoders are let in by SRT" }),
  srtPort: port,
  whipOn: Type.Boolean({ description: "Whether encoders and browsers are let in by WHIP" }),
  webrtcFirstPort: port,
  webrtcLastPort: port,
  publicAddress: Nullable(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: "Goes into ICE candidates and ingest addresses",
    }),
  ),
  relayOn: Type.Boolean({ description: "Whether calls have a STUN and TURN server of our own" }),
  relayPort: port,
  newRoomWaitingRoom: Type.Boolean({ description: "New rooms have a waiting room" }),
  newRoomWatermark: Type.Boolean({ description: "New rooms have a watermark" }),
  newRoomAutoRecord: Type.Boolean({ description: "New rooms record every take" }),
  newRoomDays: Nullable(days),
  newInvitationDays: Nullable(days),
  auditDays: days,
  takesDays: Nullable(days),
  archivedRoomsDays: Nullable(days),
  recordingsDays: Nullable(days),
  recordingsDiskPercent: Type.Integer({
    minimum: 1,
    maximum: 95,
    description: "All recordings together take at most this share of the disk: the oldest go first",
  }),
  iceUrls: Type.Array(IceServerUrl, { maxItems: 8, description: "STUN and TURN servers for viewers" }),
  turnAuth: Type.Union([Type.Literal("none"), Type.Literal("password"), Type.Literal("secret")], {
    description:
      "secret: credentials for each viewer, by the server's shared secret (draft-uberti-behave-turn-rest-00)",
  }),
  turnUsername: Type.String({ maxLength: 128, description: "For turnAuth password" }),
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
  /** Whether a TURN password or secret is kept; it is never shown. */
  hasTurnSecret: Type.Boolean(),
  /** The certificate that RTMPS shows; null: there is none that can be read, so RTMPS stays off. */
  rtmpsCertificate: Nullable(
    Type.Object({
      subject: Type.String(),
      issuer: Type.String(),
      names: Type.Array(Type.String(), { description: "The host names it is good for" }),
      expiresAt: Type.Number({ description: "ms since 1970" }),
      isSelfSigned: Type.Boolean(),
      /** Why encoders refuse it, or soon will. `address`: they are told an IP address, and OBS accepts names alone. */
      warnings: Type.Array(
        Type.Union([
          Type.Literal("expired"),
          Type.Literal("expires-soon"),
          Type.Literal("self-signed"),
          Type.Literal("other-host"),
          Type.Literal("address"),
        ]),
      ),
    }),
  ),
  /** Why the certificate cannot be used, in words; null: it can, or none is given. */
  rtmpsProblem: Nullable(Type.String()),
  httpPort: Type.Integer(),
  /** The relay for calls. `port-in-use`: another program has its port. `replaced`: TURN_URLS names servers to use. */
  relay: Type.Union([
    Type.Literal("on"),
    Type.Literal("off"),
    Type.Literal("port-in-use"),
    Type.Literal("replaced"),
    /** The media engine, which it is in, is restarting. */
    Type.Literal("away"),
  ]),
  /** Whether the media engine answers with these settings. */
  engine: Type.Union([Type.Literal("ok"), Type.Literal("away")]),
});
export type Settings = Static<typeof Settings>;

/** A change of settings: those that are left out stay. */
export const SettingsChange = Type.Partial(
  Type.Object({
    ...changeable,
    /** The TURN server's password or shared secret; null forgets it. Never given back. */
    turnSecret: Nullable(Type.String({ minLength: 1, maxLength: 256 })),
  }),
  { additionalProperties: false },
);
export type SettingsChange = Static<typeof SettingsChange>;

/** What this ColourStream is and runs on. */
export const About = Type.Object({
  version: Type.String(),
  node: Type.String(),
  platform: Type.String(),
  database: Type.String({ description: "Such as PostgreSQL 18.6, embedded" }),
  engine: Type.String({ description: "Such as embedded, answering" }),
  conference: Type.String({ description: "Such as built in" }),
  startedAt: Type.Number({ description: "ms since 1970" }),
  dataDir: Type.String(),
  diskFreeBytes: Nullable(Type.Number()),
  backup: Type.Object({
    /** Whether backups are made each night (BACKUP_DIR). */
    isOn: Type.Boolean(),
    lastAt: Nullable(Type.Number({ description: "When the newest one was begun, ms since 1970" })),
    /** Why the last one failed, in words; null: it did not. */
    problem: Nullable(Type.String()),
  }),
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
