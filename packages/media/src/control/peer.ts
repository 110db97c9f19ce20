import type { Duplex } from "node:stream";
import { ProtocolError } from "../wire/protocol-error.js";
import { parseLine, writeLine } from "./line.js";
import { createLineReader } from "./line-reader.js";
import type { ControlLine, EngineEvent } from "./protocol.js";

const MAX_PENDING_QUESTIONS = 1024; // asked by us and not yet answered: more than the connections an engine admits
const MAX_UNDER_WAY = 1024; // asked by the other side and not yet answered by us
const FLUSH_MS = 500; // what was written before a close may take so long to go out: the peer is on the same machine
const MAX_UNREAD_BYTES = 8 * 1024 * 1024; // a side that reads nothing: 8 of the longest lines

/** Why a question was not answered: the other side's own code, or `deadline`, `closed` or `too-many` from here. */
export class ControlFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ControlFailure";
    this.code = code;
  }
}

/** What this side does with what the other side says. */
export type PeerDuties = {
  /**
   * Answers a question. Throwing `ControlFailure` is an answer too; throwing `ProtocolError` ends the connection. A
   * plain value is answered before anything that is told or asked later.
   */
  answer(question: string, given: unknown): unknown;
  /** Takes an event; throwing `ProtocolError` ends the connection. */
  told(event: unknown): void;
};

/** One end of a control connection. Both ends are alike: either may ask, answer and tell. */
export type Peer = {
  /** Rejects with `ControlFailure` and nothing else. */
  ask(question: string, given: unknown, deadlineMs: number): Promise<unknown>;
  tell(event: EngineEvent): void;
  /** Ends the connection after what was written has gone out. Idempotent. */
  close(reason: string): void;
  /** Resolves with the reason, once. */
  readonly closed: Promise<string>;
};

type Pending = {
  resolve(value: unknown): void;
  reject(failure: ControlFailure): void;
  timer: NodeJS.Timeout;
};

/** Makes a control connection out of a duplex stream. */
export function createPeer(stream: Duplex, duties: PeerDuties): Peer {
  const reader = createLineReader();
  const pending = new Map<number, Pending>();
  let underWay = 0;
  let lastId = 0;
  let isOpen = true;
  let announce: (reason: string) => void;
  const closed = new Promise<string>((resolve) => {
    announce = resolve;
  });

  const end = (reason: string, abruptly: boolean): void => {
    if (!isOpen) return;
    isOpen = false;
    if (abruptly) stream.destroy();
    else {
      const timer = setTimeout(() => stream.destroy(), FLUSH_MS);
      stream.end(() => {
        clearTimeout(timer);
        stream.destroy();
      });
    }
    for (const question of pending.values()) {
      clearTimeout(question.timer);
      question.reject(new ControlFailure("closed", `the control connection closed: ${reason}`));
    }
    pending.clear();
    announce(reason);
  };

  const write = (line: ControlLine): void => {
    if (!isOpen) return;
    stream.write(writeLine(line));
    if (stream.writableLength > MAX_UNREAD_BYTES) {
      end(
        `the other side left ${stream.writableLength} bytes unread, at most ${MAX_UNREAD_BYTES} are kept`,
        true,
      );
    }
  };

  /** The one place where what the other side did wrong is caught: it ends this connection. Other errors crash. */
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      end(error.message, true);
    }
  };

  const fail = (id: number, error: unknown): void =>
    guarded(() => {
      if (!(error instanceof ControlFailure)) throw error;
      write({ answer: id, failed: { code: error.code, message: error.message } });
    });

  const answerLater = async (id: number, answer: Promise<unknown>): Promise<void> => {
    underWay += 1;
    try {
      const value = await answer;
      write({ answer: id, is: value ?? {} });
    } catch (error) {
      fail(id, error);
    } finally {
      underWay -= 1;
    }
  };

  const answerQuestion = (question: string, id: number, given: unknown): void => {
    if (underWay >= MAX_UNDER_WAY) {
      fail(id, new ControlFailure("too-many", `more than ${MAX_UNDER_WAY} questions under way`));
      return;
    }
    let value: unknown;
    try {
      value = duties.answer(question, given);
    } catch (error) {
      fail(id, error);
      return;
    }
    if (value instanceof Promise) void answerLater(id, value);
    else write({ answer: id, is: value ?? {} });
  };

  const settle = (id: number, how: (question: Pending) => void): void => {
    const question = pending.get(id);
    if (question === undefined) return; // answered after its deadline
    pending.delete(id);
    clearTimeout(question.timer);
    how(question);
  };

  const take = (text: string): void => {
    const line = parseLine(text);
    switch (line.is) {
      case "ask":
        answerQuestion(line.question, line.id, line.given);
        return;
      case "answer":
        settle(line.id, (question) => question.resolve(line.value));
        return;
      case "failed":
        settle(line.id, (question) => question.reject(new ControlFailure(line.code, line.message)));
        return;
      case "tell":
        duties.told(line.event);
        return;
    }
  };

  stream.on("data", (bytes: Buffer) =>
    guarded(() => {
      for (const text of reader.push(bytes)) {
        if (isOpen) take(text);
      }
    }),
  );
  stream.on("error", (error) => end(error.message, true));
  stream.on("close", () => end("the other side has gone", true));
  stream.on("end", () => end("the other side has gone", true));

  return {
    ask: (question, given, deadlineMs) => {
      if (!isOpen) return Promise.reject(new ControlFailure("closed", "the control connection is closed"));
      if (pending.size >= MAX_PENDING_QUESTIONS) {
        return Promise.reject(
          new ControlFailure("too-many", `more than ${MAX_PENDING_QUESTIONS} questions wait for an answer`),
        );
      }
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(new ControlFailure("deadline", `no answer to ${question} within ${deadlineMs} ms`));
        }, deadlineMs);
        pending.set(id, { resolve, reject, timer });
        write({ ask: question, id, with: given });
      });
    },
    tell: (event) => write({ tell: event }),
    close: (reason) => end(reason, false),
    closed,
  };
}
