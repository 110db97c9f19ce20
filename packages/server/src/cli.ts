import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { readConfig } from "./config.js";
import { ConfigError } from "./config-error.js";
import { examine } from "./operator/doctor.js";
import { command, OperatorError } from "./operator/reach.js";

const HELP = `ColourStream at the command line. Works while the server runs and while it does not.

  room create --name NAME [--password PASSWORD] [--json]   a room with its stream key, link and password
  room list [--json]                                       the rooms there are
  room delete ROOM-ID [--yes] [--json]                     deletes a room for good
  room test-signal ROOM-ID on|off [--json]                 bars and tone, while the server runs
  recover [--json]                                         a link for the owner to add a new passkey, once
  keys rotate [--json]                                     a new key between the server and its services
  doctor [--json]                                          looks at ports, addresses, disk, database
  help                                                     this page

Settings come from the environment, as for the server: docs/configuration.md.
Exit codes: 0 done, 1 not done, 2 not understood.`;

/** The command line was not understood. */
class UsageError extends Error {}

type Options = { name?: string; password?: string; json: boolean; yes: boolean };

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || isParseError(error);
  const isTheirs = isUsage || error instanceof OperatorError || error instanceof ConfigError;
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
  if (!yes) {
    if (!process.stdin.isTTY) throw new UsageError("Deleting a room cannot be undone: say --yes.");
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const typed = await prompt.question(`Delete the room ${roomId} for good? Type yes: `);
    prompt.close();
    if (typed.trim() !== "yes") {
      console.error("Nothing was deleted.");
      return 1;
    }
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
