import { chmodSync, mkdirSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { ProtocolError } from "../wire/protocol-error.js";
import { parseAuthenticate, parseHello } from "./checks.js";
import { ControlFailure, createPeer, type Peer } from "./peer.js";
import type { ProductTokens } from "./product-token.js";
import { CONTROL_PROTOCOL, type EngineCalls, type EngineEvent } from "./protocol.js";

const HELLO_MS = 5_000; // a product says hello within milliseconds of connecting
const MAX_STRANGERS = 8; // connections that have not said hello: at most one is a product
const PROBE_MS = 1_000;
const STICKY_BIT = 0o1000;

/** Line-wise log, as pino takes it. */
export type ControlLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

/** What the engine does for the product that is connected. */
export type ControlDuties = {
  /** Whose tokens open a connection. */
  readonly tokens: Pick<ProductTokens, "spend">;
  /** Answers `hello`, checked for the protocol's number already. */
  hello(asked: EngineCalls["hello"]["ask"]): EngineCalls["hello"]["answer"];
  /** Answers every other question, as `Peer` describes. */
  answer(question: string, given: unknown): unknown;
};

/** The engine's end of the control protocol: one product at a time. */
export type ControlListener = {
  /** Begins to listen on a Unix socket (or Windows pipe); rejects when another engine already does. */
  listen(path: string): Promise<void>;
  /** Tells the connected product, if any; a product that comes later learns the state from `hello`. */
  tell(event: EngineEvent): void;
  /** The connected product, or the one that connects within `deadlineMs`, or null. */
  product(deadlineMs: number): Promise<Peer | null>;
  /** Milliseconds (`performance.now`) since when no product is connected; null while one is. */
  aloneSinceMs(): number | null;
  close(): Promise<void>;
};

const isPipe = (path: string): boolean => path.startsWith("\\\\.\\pipe\\"); // Windows: not a file

/** Makes the socket's directory private to this user (mode 0700). */
const preparePrivateDirectory = (path: string): void => {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(directory);
  if ((mode & 0o077) === 0) return;
  if ((mode & STICKY_BIT) !== 0 || uid !== process.getuid?.()) {
    throw new Error(`${path}: expected a directory of this user alone, ${directory} is shared with others`);
  }
  chmodSync(directory, 0o700);
};

const answersOn = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    const done = (answers: boolean): void => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(PROBE_MS, () => done(true)); // somebody holds it and is too busy to accept
    socket.on("connect", () => done(true));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") done(false);
      else reject(error);
    });
  });

/**
 * Readies a path for a Unix socket: a private directory, and no socket left behind by an engine that was killed. Throws
 * when somebody still answers on it.
 */
export async function claimSocketPath(path: string): Promise<void> {
  if (isPipe(path)) return;
  preparePrivateDirectory(path);
  if (await answersOn(path)) throw new Error(`${path}: another engine already listens here`);
  rmSync(path, { force: true });
}

const listen = async (server: Server, path: string): Promise<void> => {
  await claimSocketPath(path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
  if (!isPipe(path)) chmodSync(path, 0o600);
};

/** Makes the engine's end; `listen` opens it, when the engine can answer `hello`. */
export function createControlListener(duties: ControlDuties, log: ControlLog): ControlListener {
  const sockets = new Set<Socket>();
  const waiting = new Set<(product: Peer) => void>();
  let strangers = 0;
  let current: Peer | null = null;
  let aloneSinceMs: number | null = performance.now();

  const adopt = (peer: Peer): void => {
    current?.close("a newer product has connected");
    current = peer;
    aloneSinceMs = null;
    log.info({}, "product connected");
    for (const resolve of waiting) resolve(peer);
    waiting.clear();
  };

  const welcome = (socket: Socket): void => {
    let isTrusted = false;
    let isProduct = false;
    /** Nothing but the token is answered before it is accepted; a wrong one ends the connection. */
    const authenticate = async (given: unknown): Promise<Record<string, never>> => {
      const { token } = parseAuthenticate(given);
      try {
        await duties.tokens.spend(token);
      } catch (error) {
        setImmediate(() => peer.close("its token was not accepted")); // after the answer is written
        throw error;
      }
      isTrusted = true;
      return {};
    };
    let isAsked = false;
    const leaveStrangers = (): void => {
      clearTimeout(timer);
      strangers -= 1;
    };
    const peer: Peer = createPeer(socket, {
      answer: (question, given) => {
        if (!isTrusted) {
          if (question !== "authenticate" || isAsked)
            throw new ProtocolError("control", `expected authenticate first, and once, got ${question}`);
          isAsked = true;
          return authenticate(given);
        }
        if (question !== "hello") {
          if (isProduct) return duties.answer(question, given);
          throw new ProtocolError("control", `expected hello first, got ${question}`);
        }
        const asked = parseHello(given);
        if (asked.protocol !== CONTROL_PROTOCOL) {
          throw new ControlFailure(
            "wrong-protocol",
            `expected control protocol ${CONTROL_PROTOCOL}, got ${asked.protocol}`,
          );
        }
        if (!isProduct) {
          isProduct = true;
          leaveStrangers();
          queueMicrotask(() => adopt(peer)); // after the answer is written: nothing is told before it
        }
        return duties.hello(asked);
      },
      told: () => {
        throw new ProtocolError("control", "expected no event from the product");
      },
    });
    const timer = setTimeout(() => peer.close(`no hello within ${HELLO_MS} ms`), HELLO_MS);
    void peer.closed.then((reason) => {
      if (!isProduct) leaveStrangers();
      log.info({ reason }, isProduct ? "product disconnected" : "control connection refused");
      if (current !== peer) return;
      current = null;
      aloneSinceMs = performance.now();
    });
  };

  const server = createServer((socket) => {
    if (strangers >= MAX_STRANGERS) {
      log.warn({ strangers }, "too many control connections without hello");
      socket.destroy();
      return;
    }
    strangers += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    welcome(socket);
  });

  return {
    listen: (path) => listen(server, path),
    tell: (event) => current?.tell(event),
    product: (deadlineMs) => {
      if (current !== null) return Promise.resolve(current);
      return new Promise((resolve) => {
        const found = (peer: Peer): void => {
          clearTimeout(timer);
          resolve(peer);
        };
        const timer = setTimeout(() => {
          waiting.delete(found);
          resolve(null);
        }, deadlineMs);
        waiting.add(found);
      });
    },
    aloneSinceMs: () => aloneSinceMs,
    close: () =>
      new Promise((resolve) => {
        current?.close("the engine is stopping");
        server.close(() => resolve());
        setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, 200); // time for the last answer to be read
      }),
  };
}
