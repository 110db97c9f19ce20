import { connect } from "node:net";
import { ProtocolError } from "../wire/protocol-error.js";
import { parseEvent, parseMayPlay, parseMayPublish } from "./checks.js";
import { ControlFailure, createPeer } from "./peer.js";
import type { EngineCalls, EngineEvent, ProductCalls, Verdict } from "./protocol.js";

/** What the product does for the engine. */
export type ProductDuties = {
  onTell(event: EngineEvent): void;
  mayPublish(asked: ProductCalls["mayPublish"]["ask"]): Promise<Verdict> | Verdict;
  mayPlay(asked: ProductCalls["mayPlay"]["ask"]): Promise<Verdict> | Verdict;
  /** The token that opens this connection; it is shown once. */
  token(): Promise<string>;
  /** For connecting, and for each answer of the engine unless `ask` says otherwise. */
  readonly deadlineMs: number;
};

/** The product's connection to the engine, which has accepted its token. The first question must be `hello`. */
export type EngineLink = {
  /** Rejects with `ControlFailure` (`code`: `deadline`, `closed`, `too-many`, or the engine's own). */
  ask<K extends keyof EngineCalls>(
    question: K,
    given: EngineCalls[K]["ask"],
    deadlineMs?: number,
  ): Promise<EngineCalls[K]["answer"]>;
  /** Idempotent. */
  close(): void;
  /** Resolves with the reason when the connection has ended, whoever ended it. */
  readonly closed: Promise<string>;
};

/**
 * What follows an answer in the same packet is handled in the next turn of the loop, in order: whoever waited for the
 * answer has read it by then.
 */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Connects to a running engine and shows it the token. Rejects with `ControlFailure`: `unreachable` when nobody listens
 * on `controlPath`, `not-trusted` when the engine does not believe the token.
 */
export async function connectEngine(controlPath: string, duties: ProductDuties): Promise<EngineLink> {
  const token = await duties.token();
  const socket = connect(controlPath);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      socket.destroy();
      reject(new ControlFailure("unreachable", `no engine on ${controlPath}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no connection within ${duties.deadlineMs} ms`), duties.deadlineMs);
    const refuse = (error: Error): void => {
      clearTimeout(timer);
      fail(error.message);
    };
    socket.once("error", refuse);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", refuse);
      resolve();
    });
  });

  const peer = createPeer(socket, {
    answer: (question, given) => {
      if (question === "mayPublish") {
        const asked = parseMayPublish(given);
        return nextTurn().then(() => duties.mayPublish(asked));
      }
      if (question === "mayPlay") {
        const asked = parseMayPlay(given);
        return nextTurn().then(() => duties.mayPlay(asked));
      }
      throw new ProtocolError("control", `unknown question ${question}`);
    },
    told: (told) => {
      const event = parseEvent(told);
      setImmediate(() => duties.onTell(event));
    },
  });

  try {
    await peer.ask("authenticate", { token }, duties.deadlineMs);
  } catch (error) {
    peer.close("the token was not accepted");
    throw error;
  }

  return {
    ask: async <K extends keyof EngineCalls>(
      question: K,
      given: EngineCalls[K]["ask"],
      deadlineMs = duties.deadlineMs,
    ): Promise<EngineCalls[K]["answer"]> => {
      const answer = await peer.ask(question, given, deadlineMs);
      return answer as EngineCalls[K]["answer"]; // our own engine wrote it
    },
    close: () => peer.close("closed by the product"),
    closed: peer.closed,
  };
}
