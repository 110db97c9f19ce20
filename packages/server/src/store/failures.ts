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
