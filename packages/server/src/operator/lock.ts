import { randomBytes } from "node:crypto";
import { link, rename, rm, stat } from "node:fs/promises";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { askLocal } from "../net/local-line.js";

const LOCK = "operator.sock";
const MAX_LINE_BYTES = 64 * 1024;
const ANSWER_MS = 30_000;
const SETTLE_MS = 60; // two that found the same dead lock at once have both acted by then

/** Who holds the data directory. */
export type Holder = { readonly kind: "server" | "command"; readonly pid: number };

/** What is asked of the one that holds the data directory. */
export type OperatorRequest = { readonly command: string; readonly with: unknown };

/** Its answer: the result, or a sentence why not. */
export type OperatorAnswer = { readonly is: unknown } | { readonly failed: string };

/**
 * The data directory, held by this process: PGlite takes no lock, and two processes on one directory lose rows. The
 * lock is a listening socket, so it ends with its process however that ends; it is also how the command line reaches
 * a running server.
 */
export type InstanceLock = {
  /** From now on requests are answered; until then only who we are is. */
  serve(answer: (request: OperatorRequest) => Promise<unknown>): void;
  release(): Promise<void>;
};

/** Takes the lock, or answers who has it. */
export async function takeLock(runDir: string, kind: Holder["kind"]): Promise<InstanceLock | Holder> {
  const path = join(runDir, LOCK);
  const own = join(runDir, `${randomBytes(4).toString("hex")}.sock`);
  let answer: ((request: OperatorRequest) => Promise<unknown>) | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    answerOne(socket, async ({ command, with: given }) => {
      if (command === "who") return { kind, pid: process.pid } satisfies Holder;
      if (answer === null) throw new Error("ColourStream is still starting. Try again in a few seconds.");
      return answer({ command, with: given });
    });
  });
  await listen(server, own);

  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await isLinked(own, path)) {
        await wait(SETTLE_MS);
        if (await isSameFile(own, path)) {
          await rm(own);
          return {
            serve: (how) => {
              answer = how;
            },
            release: async () => {
              await rm(path, { force: true });
              await close(server, sockets);
            },
          };
        }
      }
      const holder = await askHolder(path);
      if (holder !== null) {
        await close(server, sockets);
        return holder;
      }
      await removeDead(path, runDir);
    }
    throw new Error(`${path} can be neither taken nor removed`);
  } catch (error) {
    await close(server, sockets);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Asks the running server. Null when nobody holds the data directory. */
export async function askInstance(
  runDir: string,
  request: OperatorRequest,
  answerMs: number = ANSWER_MS,
): Promise<OperatorAnswer | null> {
  return ask(join(runDir, LOCK), request, answerMs);
}

async function ask(
  path: string,
  request: OperatorRequest,
  answerMs: number = ANSWER_MS,
): Promise<OperatorAnswer | null> {
  const text = await askLocal(path, JSON.stringify(request), answerMs);
  return text === null ? null : (JSON.parse(text) as OperatorAnswer);
}

/** Who holds the data directory; null when nobody does. */
export async function findHolder(runDir: string): Promise<Holder | null> {
  return askHolder(join(runDir, LOCK));
}

/** `link` is atomic: of any number of processes one gets the name. */
async function isLinked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** Takes a dead lock out of the way. It is moved first, so that of two who found it one removes it, and looked at again. */
async function removeDead(path: string, runDir: string): Promise<void> {
  const aside = join(runDir, `${randomBytes(4).toString("hex")}.dead`);
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await askHolder(aside)) !== null) await isLinked(aside, path); // another took it meanwhile: it goes back
  await rm(aside, { force: true });
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([stat(a), stat(b).catch(() => null)]);
  return first.ino === second?.ino;
}

async function askHolder(path: string): Promise<Holder | null> {
  const answer = await ask(path, { command: "who", with: {} });
  if (answer === null) return null;
  return "is" in answer ? (answer.is as Holder) : { kind: "server", pid: 0 };
}

function answerOne(socket: Socket, how: (request: OperatorRequest) => Promise<unknown>): void {
  let text = "";
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy()); // the one who asked has gone
  const take = async (part: Buffer): Promise<void> => {
    text += part.toString();
    if (text.length > MAX_LINE_BYTES) socket.destroy();
    const end = text.indexOf("\n");
    if (end === -1) return;
    socket.off("data", onData);
    socket.setTimeout(0); // how long the answer may take is the asker's to say
    let answer: OperatorAnswer;
    try {
      answer = { is: await how(JSON.parse(text.slice(0, end)) as OperatorRequest) };
    } catch (error) {
      answer = { failed: error instanceof Error ? error.message : String(error) };
    }
    socket.end(JSON.stringify(answer));
  };
  const onData = (part: Buffer): void => void take(part);
  socket.on("data", onData);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Node removes the socket's file by its first name when the server closes; ours was renamed by then. */
async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const socket of sockets) socket.destroy();
  await closed;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
