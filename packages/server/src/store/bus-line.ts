import pg from "pg";
import { connectionTo, type ServerAddress } from "./connection.js";

/** NOTIFY's payload is shorter than 8,000 bytes (PostgreSQL 18, NOTIFY). */
export const MAX_NOTICE_BYTES = 7_900;

const CHANNEL = "colourstream";
const FIRST_LOCK = [0x434f4c53, 1] as const; // "COLS": the advisory lock that the first process holds
const SILENT_S = 5; // longer than the first process believes in its lock without an answer
const KEPT_MINUTES = 5; // a message that was too long for a notice is fetched at once

/** The connection on which a process hears the others and speaks to them. */
export type BusLine = {
  /** To every listening process, this one too. At most `MAX_NOTICE_BYTES`. */
  notify(notice: string): Promise<void>;
  /** Keeps a text that is too long for a notice and notifies of it; `noticeOf` makes the notice from its id. */
  notifyLong(text: string, noticeOf: { readonly before: string; readonly after: string }): Promise<void>;
  /** A kept text; null: it is there no more. */
  readLong(id: string): Promise<string | null>;
  /** Takes the lock of the first process, when nobody has it. It is lost with the connection. */
  tryFirst(): Promise<boolean>;
  /** Lets go of the first process's connection when that has not said anything for 5 s. */
  endSilentFirst(): Promise<void>;
  removeOldTexts(): Promise<void>;
  /** Without waiting for an answer that may never come. */
  end(): void;
};

/** What a line tells. */
export type BusLineNews = {
  onNotice(notice: string): void;
  /** Once: nothing comes and goes on it any more. */
  onLost(error: Error): void;
};

/** Connects and listens. A server that is away rejects within 5 s. */
export async function openBusLine(where: ServerAddress, news: BusLineNews): Promise<BusLine> {
  const client = new pg.Client(connectionTo(where, "colourstream bus"));
  let why = new Error("the connection to the database was closed");
  client.on("error", (error) => {
    why = error;
  });
  await client.connect();
  let isOver = false;
  client.on("end", () => {
    if (!isOver) news.onLost(why);
    isOver = true;
  });
  client.on("notification", ({ payload }) => {
    if (!isOver) news.onNotice(payload ?? "");
  });
  const end = (): void => {
    isOver = true;
    client.end().catch(() => undefined); // what was under way has been told its own failure
  };
  try {
    await client.query(`LISTEN ${CHANNEL}`);
  } catch (error) {
    end();
    throw error;
  }

  return {
    notify: async (notice) => {
      await client.query("SELECT pg_notify($1, $2)", [CHANNEL, notice]);
    },
    notifyLong: async (text, { before, after }) => {
      await client.query(
        `WITH kept AS (INSERT INTO bus_messages (text) VALUES ($2) RETURNING id)
         SELECT pg_notify($1, $3 || kept.id || $4) FROM kept`,
        [CHANNEL, text, before, after],
      );
    },
    readLong: async (id) => {
      const { rows } = await client.query<{ text: string }>("SELECT text FROM bus_messages WHERE id = $1", [
        id,
      ]);
      return rows[0]?.text ?? null;
    },
    tryFirst: async () => {
      const { rows } = await client.query<{ got: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS got", [
        ...FIRST_LOCK,
      ]);
      return rows[0]?.got === true;
    },
    // The server's own word for when it last heard of the holder: a slow listener cannot take a live one's place.
    endSilentFirst: async () => {
      await client.query(
        `SELECT pg_terminate_backend(a.pid)
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND l.classid = $1 AND l.objid = $2 AND a.usename = current_user
           AND greatest(a.state_change, a.query_start) < clock_timestamp() - make_interval(secs => $3)`,
        [...FIRST_LOCK, SILENT_S],
      );
    },
    removeOldTexts: async () => {
      await client.query("DELETE FROM bus_messages WHERE at < now() - make_interval(mins => $1)", [
        KEPT_MINUTES,
      ]);
    },
    end,
  };
}
