import { API_PREFIX, type Room, type RouteName, routes } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, openBrowser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

const NOWHERE = "AAAAAAAAAAAAAAAAAAAAAA";

// Who asks for room A. For each route: what each of them gets. A route without a row fails the first test below.
type Row = { nobody: number; inA: number; inB: number; owner: number; body?: object };
const studio = (owner: number, body?: object): Row => ({
  nobody: 401,
  inA: 401,
  inB: 401,
  owner,
  ...(body && { body }),
});
const MATRIX: Record<RouteName, Row> = {
  readSession: { nobody: 200, inA: 200, inB: 200, owner: 200 },
  setUp: { nobody: 401, inA: 401, inB: 401, owner: 401, body: { code: "wrong" } },
  readHealth: { nobody: 200, inA: 200, inB: 200, owner: 200 },
  listRooms: studio(200),
  createRoom: studio(201, { name: "One more" }),
  readRoom: studio(200),
  changeRoom: studio(200, { name: "Room A, renamed" }),
  readIngest: studio(200),
  rotateKey: studio(200),
  startTestSignal: studio(204),
  stopTestSignal: studio(204),
  joinRoom: {
    nobody: 401,
    inA: 401,
    inB: 401,
    owner: 401,
    body: { name: "Eve", password: "wrong password" },
  },
  readReview: { nobody: 401, inA: 200, inB: 404, owner: 200 },
  makeTicket: { nobody: 401, inA: 201, inB: 404, owner: 201 },
  leaveRoom: { nobody: 401, inA: 204, inB: 404, owner: 204 },
  deleteRoom: studio(204),
  signOut: studio(204),
};

let server: TestServer;
let people: { nobody: Browser; inA: Browser; inB: Browser; owner: Browser };
let roomA: Room;

beforeAll(async () => {
  server = await startTestServer();
  const owner = await openOwner(server);
  const makeRoom = async (name: string): Promise<Room> =>
    (await owner.ask("POST", "/rooms", { name })).json();
  const join = async (room: Room, address: string): Promise<Browser> => {
    const browser = openBrowser(server, address);
    const body = { name: "Ada", password: room.reviewerPassword };
    expect((await browser.ask("POST", `/rooms/${room.id}/join`, body)).statusCode).toBe(201);
    return browser;
  };
  roomA = await makeRoom("Room A");
  const roomB = await makeRoom("Room B");
  people = {
    nobody: openBrowser(server, "198.51.100.1"),
    inA: await join(roomA, "198.51.100.2"),
    inB: await join(roomB, "198.51.100.3"),
    owner,
  };
});
afterAll(() => server.close());

test("every route of the contract has its row", () => {
  expect(Object.keys(MATRIX).sort()).toEqual(Object.keys(routes).sort());
});

const cells = (Object.keys(MATRIX) as RouteName[]).flatMap((name) =>
  (["nobody", "inB", "inA", "owner"] as const).map((who) => [name, who, MATRIX[name][who]] as const),
);

test.each(cells)("%s by %s answers %i", async (name, who, expected) => {
  const { method, path } = routes[name];
  const answer = await people[who].ask(method, path.replace(":roomId", roomA.id), MATRIX[name].body);
  expect([answer.statusCode, answer.body]).toEqual([expected, expect.anything()]);

  // What is not theirs looks like what is not there, to the last byte but the request's id.
  if (expected === 404 || expected === 401) {
    const missing = await people[who].ask(method, path.replace(":roomId", NOWHERE), MATRIX[name].body);
    const { requestId: _a, ...theirs } = answer.json();
    const { requestId: _b, ...nowhere } = missing.json();
    expect([missing.statusCode, nowhere]).toEqual([expected, theirs]);
  }
});

test("every method that the contract does not have is 404 on every path", async () => {
  const paths = new Set(Object.values(routes).map(({ path }) => path));
  for (const path of paths) {
    const has = new Set<string>(
      Object.values(routes).flatMap((route) => (route.path === path ? [route.method] : [])),
    );
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      if (has.has(method)) continue;
      const answer = await openBrowser(server, "203.0.113.9").ask(method, path.replace(":roomId", roomA.id));
      expect([path, method, answer.statusCode]).toEqual([path, method, 404]);
    }
  }
});

test("the description of the API holds every route of the contract, with who may and what comes back", async () => {
  const answer = await server.app.inject({ url: "/api/openapi.json" });
  const described = answer.json();
  expect(described.openapi).toBe("3.1.0");
  for (const [name, route] of Object.entries(routes)) {
    const path = API_PREFIX + route.path.replace(":roomId", "{roomId}");
    const operation = described.paths[path]?.[route.method.toLowerCase()];
    expect(operation, name).toMatchObject({ operationId: name, summary: route.summary });
    expect(operation.responses[route.status], name).toBeDefined();
    expect(operation.security.length === 0, name).toBe(route.access === "public");
    expect(operation.requestBody !== undefined, name).toBe("body" in route);
  }
});
