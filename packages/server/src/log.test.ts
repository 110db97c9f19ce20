import { Writable } from "node:stream";
import fastify, { LogController } from "fastify";
import { expect, test } from "vitest";
import { readConfig } from "./config.js";
import { createRequestIds, logRequests } from "./http/request-log.js";
import { createLog } from "./log.js";

type Line = { readonly [field: string]: unknown };

function openLog(): { log: ReturnType<typeof createLog>; text(): string; lines(): Line[] } {
  let text = "";
  const to = new Writable({
    write: (chunk, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  const lines = (): Line[] =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  return { log: createLog("debug", to), text: () => text, lines };
}

const PLANTED = Array.from({ length: 12 }, (_, number) => `planted${number}secret7c1f`);
const [password, token, ticket, key, cookie, bearer, user, fragment, row, statement, cause, passphrase] =
  PLANTED as [...(string[] & { length: 12 })];

test("twelve secrets that are put into lines by mistake do not come out; what the line is about does", () => {
  const { log, text, lines } = openLog();
  log.info({ password, deep: { token, deeper: { ticket } } }, "first");
  log.warn({ headers: { authorization: `Bearer ${bearer}`, cookie, "set-cookie": cookie }, key }, "second");
  log.error(
    `cannot reach postgresql://app:${user}@db.example:5432/x, as said at https://a.example/set-up#${fragment}`,
  );
  const refused = Object.assign(new Error("duplicate key"), {
    code: "23505",
    detail: `Key (hash)=(${row})`,
    parameters: [row],
  });
  const prisma = new Error(
    `\nInvalid \`prisma.room.create()\` invocation:\n\n{ data: { name: "${statement}" } }\n\nArgument missing.`,
  );
  prisma.name = "PrismaClientValidationError";
  log.error(
    {
      err: Object.assign(refused, { cause: Object.assign(prisma, { cause: new Error(`Bearer ${cause}`) }) }),
    },
    "third",
  );
  log.child({ reqId: "1" }).info({ srt: { passphrase } }, `token cst-${token}`);
  expect(PLANTED.filter((secret) => text().includes(secret))).toEqual([]);
  const [first, second, reached, third, fourth] = lines();
  expect(first).toMatchObject({ msg: "first", password: "(hidden)", deep: { token: "(hidden)" } });
  expect(second).toMatchObject({ msg: "second", headers: { authorization: "(hidden)" } });
  expect(reached?.["msg"]).toBe(
    "cannot reach postgresql://(hidden)@db.example:5432/x, as said at https://a.example/set-up#(hidden)",
  );
  expect(third).toMatchObject({
    err: {
      message: "duplicate key",
      code: "23505",
      stack: expect.stringContaining("log.test.ts"),
      cause: { message: "Argument missing." },
    },
  });
  expect(fourth).toMatchObject({ reqId: "1", msg: "token cst-(hidden)" });
});

test("a request is one line: its id, method, route, status, time, and as much of the client as is asked for", async () => {
  const { log, text, lines } = openLog();
  const clients = ["net", "hash", "full", "none"] as const;
  for (const kind of clients) {
    const app = fastify({
      loggerInstance: log,
      logController: new LogController({ disableRequestLogging: true }),
      genReqId: createRequestIds(true, () => Buffer.alloc(8, 7)),
    });
    logRequests(app as never, kind);
    app.get("/rooms/:id", async () => ({ secret: PLANTED[0] }));
    app.post("/rooms", async () => ({}));
    const headers = {
      cookie: `session=${cookie}`,
      authorization: `Bearer ${bearer}`,
      referer: `https://a/#${fragment}`,
    };
    const from = { remoteAddress: "203.0.113.77" };
    await app.inject({ url: `/rooms/${ticket}?token=${token}`, headers, ...from });
    await app.inject({
      method: "POST",
      url: "/rooms",
      headers,
      payload: { password },
      remoteAddress: "2001:db8:1:2::3",
    });
    await app.inject({
      url: `/nothing/${key}`,
      headers: { ...headers, "x-request-id": "from-the-proxy" },
      ...from,
    });
    await app.close();
  }
  expect(PLANTED.filter((secret) => text().includes(secret))).toEqual([]);
  const found = lines();
  expect(found).toHaveLength(12);
  const by = (kind: (typeof clients)[number]): Line[] =>
    found.slice(3 * clients.indexOf(kind), 3 * clients.indexOf(kind) + 3);
  expect(by("net")).toMatchObject([
    {
      reqId: "0707070707070707",
      msg: "request",
      method: "GET",
      route: "/rooms/:id",
      status: 200,
      ms: expect.any(Number),
      client: "203.0.113.0/24",
    },
    { method: "POST", route: "/rooms", status: 200, client: "2001:db8:1::/48" },
    { reqId: "from-the-proxy", route: "(none)", status: 404 },
  ]);
  expect(by("full")[0]).toMatchObject({ client: "203.0.113.77" });
  expect(by("none")[0]).not.toHaveProperty("client");
  const [one, other, again] = by("hash").map(({ client }) => client);
  expect(one).toMatch(/^[\w-]{12}$/);
  expect([one === again, one === other]).toEqual([true, false]);
});

test("what is wrong about the log's settings is said by name", () => {
  expect(readConfig({}).requestLog).toEqual({ isOn: false, clients: "net" });
  expect(readConfig({ LOG_REQUESTS: "on", LOG_CLIENTS: "hash" }).requestLog).toEqual({
    isOn: true,
    clients: "hash",
  });
  expect(() => readConfig({ LOG_REQUESTS: "yes" })).toThrow(/LOG_REQUESTS is "yes"; expected on or off/);
  expect(() => readConfig({ LOG_CLIENTS: "all" })).toThrow(/LOG_CLIENTS is "all"; expected one of net/);
});
