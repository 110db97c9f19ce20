import { expect, test } from "vitest";
import { awaitStore } from "./await-store.js";

const database = { connections: 1, tls: "off", caFile: null } as const;
const silent = { warn: () => undefined };

test("a PostgreSQL that stays away is named by its host, never with its password, after one line of waiting", async () => {
  const said: string[] = [];
  const where = { dataDir: "/nowhere", databaseUrl: "postgresql://user:hunter2@127.0.0.1:1/x", database };
  const opening = awaitStore(where, { ...silent, say: (line) => said.push(line), waitMs: 2_500 });
  await expect(opening).rejects.toThrow(
    "PostgreSQL at 127.0.0.1:1 (DATABASE_URL) did not answer within 3 s: connect ECONNREFUSED 127.0.0.1:1.",
  );
  expect(said).toEqual([
    "Waiting for PostgreSQL at 127.0.0.1:1 (DATABASE_URL): connect ECONNREFUSED 127.0.0.1:1",
  ]);
});
