import type { Prisma } from "../generated/prisma/client.js";

/**
 * Until the transaction's end nobody else changes this room, bans from it or takes a seat in it, in whatever process.
 * Rows that only point to it can be added.
 */
export async function lockRoom(tx: Prisma.TransactionClient, roomId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM rooms WHERE id = ${roomId} FOR NO KEY UPDATE`;
}
