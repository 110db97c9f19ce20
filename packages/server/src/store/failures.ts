import { Prisma } from "../generated/prisma/client.js";

/** A room of this name is open already. */
export class NameTakenError extends Error {
  constructor() {
    super("an open room has this name");
    this.name = "NameTakenError";
  }
}

/** True when a unique index refused the row (Prisma's P2002). */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002";
}

/** True when the row to change was not there (Prisma's P2025). */
export function isMissingRow(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2025";
}

/** True when the row that another points to is not there (Prisma's P2003). */
export function isMissingParent(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2003";
}

/** What Prisma calls it: not reached, timed out, no transaction in time, closed by the server, no free connection. */
const AWAY_PRISMA = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2037"]);
/** What the operating system calls it. */
const AWAY_SYSTEM = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ENOENT", // a Unix socket that is not there
]);
/** What PostgreSQL calls it (its appendix A): connection lost, shutting down, starting up, too many, took too long. */
const AWAY_POSTGRES = /^(08...|57P0[123]|53300|57014)$/;
/** What pg calls it where it gives no code (8.23). */
const AWAY_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;
const DEEPEST = 5; // Prisma → adapter → pg → system: four

/** True when the database did not answer, which is not the request's fault: it is right to try again later. */
export function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > DEEPEST) return false;
  const { code, originalCode, kind, message, cause, meta, errors } = error as Record<string, unknown>;
  for (const one of [code, originalCode]) {
    if (typeof one !== "string") continue;
    if (AWAY_PRISMA.has(one) || AWAY_SYSTEM.has(one) || AWAY_POSTGRES.test(one)) return true;
  }
  if (kind === "DatabaseNotReachable" || kind === "ConnectionClosed" || kind === "SocketTimeout") return true;
  if (typeof message === "string" && AWAY_WORDS.test(message)) return true;
  const adapterError = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  const inner = [cause, adapterError, ...(Array.isArray(errors) ? errors.slice(0, 4) : [])];
  return inner.some((one) => isDatabaseAway(one, depth + 1));
}
