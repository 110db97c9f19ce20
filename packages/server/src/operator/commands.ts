import { type IngestUrl, type Room, RoomName, RoomPassword } from "@colourstream/contract";
import { type TSchema, Type } from "typebox";
import { Check, Errors } from "typebox/value";
import { setUpPath } from "../auth/set-up.js";
import type { SavedBackup } from "../backups/backup-file.js";
import type { Product } from "../http/context.js";
import { fieldWithControls } from "../http/validation.js";
import { OPERATOR } from "../journal.js";
import type { SettingValues } from "../settings.js";
import { NameTakenError } from "../store/failures.js";
import type { OperatorRequest } from "./lock.js";

/** What `room create` answers. */
export type CreatedRoom = {
  readonly roomId: string;
  readonly name: string;
  readonly ingest: readonly IngestUrl[];
  readonly reviewerLink: string;
  readonly reviewerPassword: string;
};

/** What the operator can ask for: name → what goes in and what comes out. */
export type OperatorCommands = {
  "room.create": { ask: { name: string; password?: string }; answer: CreatedRoom };
  "room.list": { ask: Record<string, never>; answer: { rooms: Room[] } };
  "room.delete": { ask: { roomId: string }; answer: { roomId: string; name: string } };
  "room.test-signal": { ask: { roomId: string; on: boolean }; answer: { roomId: string; on: boolean } };
  /** The settings as they are in force, for a look at the machine. */
  "settings.read": { ask: Record<string, never>; answer: SettingValues };
  "keys.rotate": { ask: Record<string, never>; answer: { kid: string } };
  /** `path`: absolute; null: a name of its own in BACKUP_DIR. */
  backup: { ask: { path: string | null; withKey: boolean }; answer: SavedBackup };
  recover: { ask: Record<string, never>; answer: { link: string; purpose: "set-up" | "recovery" } };
};

const nothing = Type.Object({}, { additionalProperties: false });
const roomId = Type.String({ minLength: 1, maxLength: 64 });

const ASKS: { [C in keyof OperatorCommands]: TSchema } = {
  "room.create": Type.Object(
    { name: RoomName, password: Type.Optional(RoomPassword) },
    { additionalProperties: false },
  ),
  "room.list": nothing,
  "room.delete": Type.Object({ roomId }, { additionalProperties: false }),
  "room.test-signal": Type.Object({ roomId, on: Type.Boolean() }, { additionalProperties: false }),
  "settings.read": nothing,
  "keys.rotate": nothing,
  backup: Type.Object(
    { path: Type.Union([Type.Null(), Type.String({ maxLength: 4096 })]), withKey: Type.Boolean() },
    { additionalProperties: false },
  ),
  recover: nothing,
};

type Deeds = {
  [C in keyof OperatorCommands]: (ask: OperatorCommands[C]["ask"]) => Promise<OperatorCommands[C]["answer"]>;
};

/** Answers the operator's commands, in the server or, when that is not running, in the command itself. */
export function createOperator(product: Product): (request: OperatorRequest) => Promise<unknown> {
  const { rooms, directory, engine, setUp, journal } = product;
  const needRoom = (id: string) => {
    const room = directory.byId(id);
    if (room === null) throw new Error(`There is no room ${id}. “room list” shows the rooms there are.`);
    return room;
  };

  const deeds: Deeds = {
    "room.create": async ({ name, password }) => {
      const room = await rooms.create({ name, password }, null).catch((error: unknown) => {
        throw error instanceof NameTakenError ? new Error(`There is a room named “${name}” already.`) : error;
      });
      await journal.note("room.created", OPERATOR, { roomId: room.id, detail: room.name });
      const { reviewerLink, reviewerPassword } = rooms.view(room, null);
      const ingest = engine.ingestUrls(rooms.ingestAccess(room), null);
      return { roomId: room.id, name: room.name, ingest, reviewerLink, reviewerPassword };
    },
    "room.list": async () => ({ rooms: directory.all().map((room) => rooms.view(room, null)) }),
    "room.delete": async ({ roomId: id }) => {
      const { name } = needRoom(id);
      await rooms.remove(id);
      await journal.note("room.deleted", OPERATOR, { roomId: id, detail: name });
      return { roomId: id, name };
    },
    "room.test-signal": async ({ roomId: id, on }) => {
      needRoom(id);
      if (!on) await engine.stopTestSignal(id);
      else if ((await engine.startTestSignal(id)) === "already-live")
        throw new Error("An encoder is live in this room.");
      await journal.note(on ? "test-signal.started" : "test-signal.stopped", OPERATOR, { roomId: id });
      return { roomId: id, on };
    },
    "settings.read": async () => product.settings.now(),
    "keys.rotate": async () => {
      await journal.note("service-key.rotated", OPERATOR);
      await product.serviceKeys.rotate();
      return { kid: product.serviceKeys.jwks().keys[0]?.kid ?? "" };
    },
    backup: (wish) => product.backups.make(wish, OPERATOR),
    recover: async () => {
      const isFirst = await setUp.isNeeded();
      const code = await setUp.makeCode(isFirst ? "set_up" : "recovery");
      await journal.note("recovery.link-made", OPERATOR);
      // At the one address where a passkey can be added: the link could be used nowhere else.
      return {
        link: product.relyingParty().origin + setUpPath(code),
        purpose: isFirst ? "set-up" : "recovery",
      };
    },
  };

  return async ({ command, with: given }) => {
    if (!Object.hasOwn(deeds, command)) throw new Error(`There is no command ${command}.`);
    const name = command as keyof OperatorCommands;
    if (!Check(ASKS[name], given)) {
      const [first] = Errors(ASKS[name], given);
      throw new Error(`${first?.instancePath.slice(1) || command}: ${first?.message ?? "is wrong"}`);
    }
    const wrong = fieldWithControls(given);
    if (wrong !== null) throw new Error(`${wrong}: holds characters that are not text`);
    return (deeds[name] as (ask: unknown) => Promise<unknown>)(given);
  };
}
