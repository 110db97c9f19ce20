import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { backupName } from "./backups/backup-file.js";
import { defaultKeyFile, readConfig } from "./config.js";
import { ConfigError } from "./config-error.js";
import { examine } from "./operator/doctor.js";
import { command, OperatorError } from "./operator/reach.js";
import { restore } from "./operator/restore.js";
import { BackupError } from "./store/backup/format.js";
import { MigrationError } from "./store/migrate.js";

const HELP = `ColourStream at the command line. Works while the server runs and while it does not.

  room create --name NAME [--password PASSWORD] [--json]   a room with its stream key, link and password
  room list [--json]                                       the rooms there are
  room delete ROOM-ID [--yes] [--json]                     deletes a room for good
  room test-signal ROOM-ID on|off [--json]                 bars and tone, while the server runs
  recover [--json]                                         a link for the owner to add a new passkey, once
  keys rotate [--json]                                     a new key between the server and its services
  backup [FILE] [--with-key] [--json]                      all that the database holds, in one file
  restore FILE [--replace] [--yes] [--json]                puts a backup back, while the server is stopped
  doctor [--json]                                          looks at ports, addresses, disk, database
  help                                                     this page

Settings come from the environment, as for the server: docs/configuration.md.
Exit codes: 0 done, 1 not done, 2 not understood.`;

/** The command line was not understood. */
class UsageError extends Error {}

type Options = {
  name?: string;
  password?: string;
  json: boolean;
  yes: boolean;
  replace: boolean;
  "with-key": boolean;
};

/** What the operator can do something about: said in words, without a stack. */
const EXPLAINED = [OperatorError, ConfigError, BackupError, MigrationError];

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || isParseError(error);
  const isTheirs = isUsage || EXPLAINED.some((kind) => error instanceof kind);
  console.error(isTheirs || error instanceof Error ? (error as Error).message : error);
  if (isUsage) console.error("\nSee: help");
  process.exitCode = isUsage ? 2 : 1;
}

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: "string" },
      password: { type: "string" },
      json: { type: "boolean", default: false },
      yes: { type: "boolean", short: "y", default: false },
      replace: { type: "boolean", default: false },
      "with-key": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const options = values as Options & { help: boolean };
  const [noun = "help", verb, ...rest] = positionals;
  if (options.help || noun === "help") {
    console.log(HELP);
    return 0;
  }
  if (noun === "recover") return recover(options);
  if (noun === "doctor") return doctor(options);
  if (noun === "backup") return backup(positionals.slice(1), options);
  if (noun === "restore") return putBack(needOne(positionals.slice(1), "FILE"), options);
  if (noun === "keys" && verb === "rotate") return rotateKeys(options);
  if (noun === "room" && verb === "create") return createRoom(options);
  if (noun === "room" && verb === "list") return listRooms(options);
  if (noun === "room" && verb === "delete") return deleteRoom(needOne(rest, "ROOM-ID"), options);
  if (noun === "room" && verb === "test-signal") return testSignal(rest, options);
  throw new UsageError(`There is no command “${positionals.slice(0, 2).join(" ")}”.`);
}

async function createRoom({ name, password, json }: Options): Promise<number> {
  if (name === undefined) throw new UsageError("A room needs a name: room create --name NAME");
  const given = password === undefined ? { name } : { name, password };
  const room = await command(readConfig(process.env), "room.create", given);
  say(json, room, [
    `Room       ${room.name} (${room.roomId})`,
    ...room.ingest.flatMap(({ server, key }) => [`Server     ${server}`, `Stream key ${key}`]),
    `Reviewers  ${room.reviewerLink}`,
    `Password   ${room.reviewerPassword}`,
  ]);
  return 0;
}

async function listRooms({ json }: Options): Promise<number> {
  const { rooms } = await command(readConfig(process.env), "room.list", {});
  const line = (room: (typeof rooms)[number]): string => {
    const state = room.archivedAt !== null ? "archived" : (room.stream?.state ?? "");
    return `${room.id}  ${room.name}${state === "" ? "" : `  (${state})`}`;
  };
  say(json, { rooms }, rooms.length === 0 ? ["There are no rooms."] : rooms.map(line));
  return 0;
}

async function deleteRoom(roomId: string, { yes, json }: Options): Promise<number> {
  const asked = `Delete the room ${roomId} for good?`;
  if (!yes && !(await isSure(asked, "Deleting a room cannot be undone: say --yes."))) {
    console.error("Nothing was deleted.");
    return 1;
  }
  const room = await command(readConfig(process.env), "room.delete", { roomId });
  say(json, room, [`Deleted ${room.name} (${room.roomId})`]);
  return 0;
}

async function testSignal(rest: string[], { json }: Options): Promise<number> {
  const [roomId, state] = rest;
  if (roomId === undefined || (state !== "on" && state !== "off") || rest.length > 2) {
    throw new UsageError("room test-signal ROOM-ID on|off");
  }
  const now = await command(readConfig(process.env), "room.test-signal", { roomId, on: state === "on" });
  say(json, now, [`The test signal is ${now.on ? "on" : "off"}.`]);
  return 0;
}

async function recover({ json }: Options): Promise<number> {
  const made = await command(readConfig(process.env), "recover", {});
  say(json, made, [
    made.purpose === "recovery"
      ? "Lets the owner in to add a new passkey, once, within the hour:"
      : "Makes the owner, once, within the hour:",
    `  ${made.link}`,
    "It works at this address alone: passkeys are bound to it.",
  ]);
  return 0;
}

async function rotateKeys({ json }: Options): Promise<number> {
  const made = await command(readConfig(process.env), "keys.rotate", {});
  say(json, made, [`The newest key is ${made.kid}. The one before is believed until the next rotation.`]);
  return 0;
}

async function backup(rest: readonly string[], { "with-key": withKey, json }: Options): Promise<number> {
  if (rest.length > 1) throw new UsageError("backup [FILE]");
  const config = readConfig(process.env);
  const [file = config.backups.folder === null ? backupName(Date.now()) : null] = rest;
  const saved = await command(config, "backup", { path: file === null ? null : fromHere(file), withKey });
  const key = config.secretKeyFile ?? defaultKeyFile(config);
  say(json, saved, [
    `Written to ${saved.path}: ${saved.rows} rows, ${(saved.bytes / 1e6).toFixed(1)} MB`,
    withKey
      ? "The sealing key is in it: whoever has this file reads every stream key and room password. Keep it as you keep those."
      : `The sealing key is not in it: keep ${key} as well, and in another place.`,
    "Recordings and their pictures are not in it: copy them from the data folder.",
  ]);
  return 0;
}

async function putBack(file: string, { replace, yes, json }: Options): Promise<number> {
  const config = readConfig(process.env);
  const into =
    config.databaseUrl === null ? `the database in ${config.dataDir}` : "the database at DATABASE_URL";
  const asked = replace
    ? `Delete all that is in ${into} and put ${file} in its place?`
    : `Put ${file} into ${into}?`;
  if (!yes && !(await isSure(asked, "Restoring changes the database: say --yes."))) {
    console.error("Nothing was changed.");
    return 1;
  }
  const restored = await restore(config, fromHere(file), { replace });
  say(json, restored, [
    `Restored ${restored.rows} rows, of ${restored.madeAt}`,
    ...(restored.migrated.length === 0 ? [] : [`Brought up to date: ${restored.migrated.join(", ")}`]),
    ...(restored.keyWritten === null ? [] : [`Wrote the sealing key to ${restored.keyWritten}`]),
  ]);
  return 0;
}

/** Where the command was typed: npm changes to the project's folder first. */
function fromHere(file: string): string {
  return resolve(process.env["INIT_CWD"] ?? process.cwd(), file);
}

async function isSure(question: string, withoutTerminal: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(withoutTerminal);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await prompt.question(`${question} Type yes: `);
  prompt.close();
  return typed.trim() === "yes";
}

async function doctor({ json }: Options): Promise<number> {
  const findings = await examine(readConfig(process.env));
  const mark = { ok: "ok  ", warn: "note", bad: "BAD " };
  say(
    json,
    { findings },
    findings.map(({ what, is, detail }) => `${mark[is]}  ${what}: ${detail}`),
  );
  return findings.some(({ is }) => is === "bad") ? 1 : 0;
}

/** On stdout one JSON object, or lines for a person. */
function say(json: boolean, result: object, lines: readonly string[]): void {
  console.log(json ? JSON.stringify(result) : lines.join("\n"));
}

function needOne(rest: readonly string[], what: string): string {
  const [only, ...more] = rest;
  if (only === undefined || more.length > 0) throw new UsageError(`Expected one ${what}.`);
  return only;
}

function isParseError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
