import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import fastify from "fastify";
import { expect, test } from "vitest";
import { databaseOver, poolTo } from "../store/database.js";
import { answerError } from "./errors.js";

async function answerWith(databaseUrl: string, how: "prisma" | "transaction" | "pool") {
  const database = { connections: 2, tls: "off", caFile: null } as const;
  const pool = poolTo({ databaseUrl, database }, () => undefined);
  const prisma = databaseOver(pool);
  const app = fastify();
  app.setErrorHandler(answerError);
  app.get("/", async () => {
    if (how === "prisma") return prisma.room.findMany();
    if (how === "transaction") return prisma.$transaction((tx) => tx.room.findMany());
    return pool.query("SELECT 1");
  });
  const answer = await app.inject({ url: "/" });
  await app.close();
  await pool.end();
  return [answer.statusCode, answer.json().error, answer.headers["retry-after"]];
}

const AWAY = [503, "database_away", "5"];

test.each(["prisma", "transaction", "pool"] as const)(
  "a database that refuses connections, has no address, or hangs up makes %s answer 503 with Retry-After",
  async (how) => {
    const rude = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(rude, "listening");
    const { port } = rude.address() as AddressInfo;
    expect(await answerWith("postgresql://a:b@127.0.0.1:1/x", how)).toEqual(AWAY);
    expect(await answerWith("postgresql://a:b@no-such-host.invalid/x", how)).toEqual(AWAY);
    expect(await answerWith(`postgresql://a:b@127.0.0.1:${port}/x`, how)).toEqual(AWAY);
    rude.close();
  },
);

test("a database that takes the connection and says nothing costs five seconds, then 503", async () => {
  const silent = createServer((socket) => socket.on("error", () => socket.destroy()).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const began = performance.now();
  expect(await answerWith(`postgresql://a:b@127.0.0.1:${port}/x`, "prisma")).toEqual(AWAY);
  expect(performance.now() - began).toBeLessThan(8_000);
  silent.close();
});

test("what is our own fault stays 500", async () => {
  const app = fastify();
  app.setErrorHandler(answerError);
  app.get("/", async () => {
    throw new Error("a bug");
  });
  const answer = await app.inject({ url: "/" });
  expect([answer.statusCode, answer.json().error]).toEqual([500, "internal"]);
});
