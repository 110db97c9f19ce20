import { API_PREFIX, type Route, type RouteName, routes } from "@colourstream/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAuthenticator } from "../../../../tests/tools/authenticator.js";
import type { StoredRoom } from "../store/rooms.js";
import { addRecording, liveStream } from "../testing/recordings.js";
import { startTestServer, type TestServer } from "../testing/server.js";
import { askAs, makeWorld, PEOPLE, type Person, type PersonName, type World } from "../testing/world.js";

// Test 27 of reliability: who may do what. Each row is a route, each column somebody who asks for something of room A:
// nobody, waiting, guest, reviewer, observer and presenter in A, reviewer in B, colourist of B, colourist of A, owner,
// a login that can only add a passkey, the owner's API token without the route's scope, and with it alone.
type N = number;
type Row = readonly [N, N, N, N, N, N, N, N, N, N, N, N, N];
// biome-ignore format: a table
const MATRIX: Record<RouteName, Row> = {
  //                      nobody wait guest revw obsv pres inB  colB colA ownr enrl otok token
  readSession:            [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200],
  signOut:                [401, 401, 401, 401, 401, 401, 401, 204, 204, 204, 204, 403, 403],
  checkCode:              [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],
  setUp:                  [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],
  signInByPassword:       [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],
  beginSignIn:            [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200],
  signIn:                 [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],
  beginStepUp:            [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 403, 403, 403],
  stepUp:                 [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 403, 403, 403],
  listSessions:           [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 403, 403, 403],
  endSession:             [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 403],
  endSessions:            [401, 401, 401, 401, 401, 401, 401, 204, 204, 204, 403, 403, 403],

  listPasskeys:           [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 403, 403, 403],
  beginPasskey:           [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 200, 403, 403],
  addPasskey:             [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 403, 403],
  renamePasskey:          [401, 401, 401, 401, 401, 401, 401, 404, 200, 404, 403, 403, 403],
  removePasskey:          [401, 401, 401, 401, 401, 401, 401, 404, 204, 404, 403, 403, 403],

  renameMe:               [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 403, 403, 403],
  listUsers:              [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],
  inviteUser:             [401, 401, 401, 401, 401, 401, 401, 403, 403, 201, 403, 403, 403],
  changeUser:             [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],
  makeUserLink:           [401, 401, 401, 401, 401, 401, 401, 403, 403, 201, 403, 403, 403],
  deleteUser:             [401, 401, 401, 401, 401, 401, 401, 403, 403, 204, 403, 403, 403],
  handOver:               [401, 401, 401, 401, 401, 401, 401, 403, 403, 204, 403, 403, 403],

  listRooms:              [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 403, 403, 200],
  createRoom:             [401, 401, 401, 401, 401, 401, 401, 201, 201, 201, 403, 403, 201],
  readRoom:               [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  changeRoom:             [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  deleteRoom:             [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],
  endMeeting:             [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],
  readIngest:             [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  rotateKey:              [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  shareFromBrowser:       [401, 401, 401, 401, 401, 401, 401, 404, 201, 201, 403, 403, 403],
  switchEncoder:          [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],
  startTestSignal:        [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],
  stopTestSignal:         [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],
  joinRoom:               [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],
  readSeat:               [401, 200, 200, 200, 200, 200, 404, 404, 200, 200, 404, 403, 403],
  readReview:             [401, 404, 200, 200, 200, 200, 404, 404, 200, 200, 404, 403, 403],
  leaveRoom:              [401, 204, 204, 204, 204, 204, 404, 404, 204, 204, 404, 403, 403],
  makeTicket:             [401, 404, 201, 201, 201, 201, 404, 404, 201, 201, 404, 403, 403],

  listRecordings:         [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 403, 403, 200],
  startRecording:         [401, 401, 401, 401, 401, 401, 401, 404, 201, 201, 403, 403, 201],
  stopRecording:          [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],
  readRecording:          [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  renameRecording:        [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  deleteRecording:        [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],

  listParticipants:       [401, 404, 403, 403, 403, 200, 404, 404, 200, 200, 404, 403, 200],
  admitParticipant:       [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],
  refuseParticipant:      [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],
  removeParticipant:      [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],
  lockRoom:               [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],

  changeParticipantRole:  [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],
  lowerHand:              [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],
  listBans:               [401, 404, 403, 403, 403, 200, 404, 404, 200, 200, 404, 403, 200],
  liftBan:                [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],

  listChat:               [401, 404, 200, 200, 200, 200, 404, 404, 200, 200, 404, 403, 200],
  exportChat:             [401, 404, 200, 200, 200, 200, 404, 404, 200, 200, 404, 403, 200],
  clearChat:              [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 403],

  muteParticipant:        [401, 404, 403, 403, 403, 404, 404, 404, 404, 404, 404, 403, 404],
  muteEverybody:          [401, 404, 403, 403, 403, 204, 404, 404, 204, 204, 404, 403, 204],
  makeTalkLink:           [401, 404, 201, 201, 201, 201, 404, 404, 201, 201, 404, 403, 403],
  pressTalk:              [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],
  pressOwnTalk:           [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],

  listInvitations:        [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  createInvitation:       [401, 401, 401, 401, 401, 401, 401, 404, 201, 201, 403, 403, 201],
  revokeInvitation:       [401, 401, 401, 401, 401, 401, 401, 404, 204, 204, 403, 403, 204],
  readInvitationCalendar: [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200],
  openInvitation:         [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],
  acceptInvitation:       [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401],

  readSettings:           [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],
  changeSettings:         [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],
  readEngine:             [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],
  readAbout:              [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],

  listBlocks:             [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],
  addBlock:               [401, 401, 401, 401, 401, 401, 401, 403, 403, 201, 403, 403, 403],
  removeBlock:            [401, 401, 401, 401, 401, 401, 401, 403, 403, 204, 403, 403, 403],
  listAttempts:           [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 403],
  listAudit:              [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 200],
  exportAudit:            [401, 401, 401, 401, 401, 401, 401, 403, 403, 200, 403, 403, 200],

  listTokens:             [401, 401, 401, 401, 401, 401, 401, 200, 200, 200, 403, 403, 403],
  createToken:            [401, 401, 401, 401, 401, 401, 401, 201, 201, 201, 403, 403, 403],
  revokeToken:            [401, 401, 401, 401, 401, 401, 401, 404, 204, 404, 403, 403, 403],

  beginCheck:             [201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201],
  readHealth:             [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200],
};

// A well-formed credential of an authenticator that this server has never seen.
const stranger = createAuthenticator();
const STRANGE_RP = { rp: { id: "localhost" }, user: { id: "AAAA" }, challenge: "AAAA" };
const CREATED = stranger.create(STRANGE_RP, { origin: "http://localhost" });
const SHOWN = stranger.get({ rpId: "localhost", challenge: "AAAA" }, { origin: "http://localhost" });

/** What a route needs besides room A in its path. */
type Case = {
  readonly body?: object | (() => object);
  /** Ids in the path, of things that belong to colourist A or to room A; made when they are needed. */
  readonly ids?: (world: World) => Promise<Record<string, string>>;
  /** A success takes something from the world that other cells need. */
  readonly ends?: true;
};
let number = 0;
const CASES: Partial<Record<RouteName, Case>> = {
  signOut: { ends: true },
  checkCode: { body: { code: "wrong" } },
  setUp: { body: { code: "wrong" } },
  signInByPassword: {
    body: { password: "wrong password" },
    ids: async () => {
      // Everybody together has three tries at it: the one before does not count here.
      server.product.guesses.giveBack({ kind: "admin-password", target: null, address: "10.0.0.0" });
      return {};
    },
  },
  signIn: { body: { credential: SHOWN } },
  stepUp: { body: { credential: SHOWN } },
  endSession: { ids: async (world) => ({ sessionId: (await again(world, "colouristA")).sessionId }) },
  endSessions: { ends: true },
  addPasskey: { body: { credential: CREATED } },
  renamePasskey: { body: { name: "Another name" }, ids: passkeyOfA },
  removePasskey: { ids: passkeyOfA },
  renameMe: { body: { name: "Olga" } },
  inviteUser: { body: () => ({ name: `New ${++number}` }) },
  changeUser: { body: { disabled: true }, ids: userId },
  makeUserLink: { ids: userId },
  deleteUser: { ids: userId },
  handOver: {
    ids: async (world) => {
      const heir = await world.colourist("enrol");
      await addPasskey(heir);
      return { userId: heir.user?.id ?? "" };
    },
    ends: true,
  },
  createRoom: { body: () => ({ name: `One more ${++number}` }) },
  changeRoom: { body: () => ({ name: `Renamed ${++number}` }) },
  deleteRoom: { ends: true },
  endMeeting: { ends: true },
  joinRoom: { body: { name: "Eve", password: "wrong password" } },
  leaveRoom: { ends: true },
  admitParticipant: { ids: waitingSeat },
  refuseParticipant: { ids: waitingSeat },
  removeParticipant: { ids: waitingSeat },
  lockRoom: { body: { locked: true } },
  changeParticipantRole: { body: { role: "observer" }, ids: waitingSeat },
  lowerHand: { ids: somebodyHere },
  liftBan: { ids: banInA },
  startRecording: {
    ids: async (world) => {
      await endRecording(world);
      return {};
    },
  },
  stopRecording: {
    ids: async (world) => {
      await beginRecording(world);
      return {};
    },
  },
  readRecording: { ids: recordingOfA },
  renameRecording: { body: () => ({ name: `Reel ${++number}` }), ids: recordingOfA },
  deleteRecording: { ids: recordingOfA },
  pressTalk: { body: { secret: "wrong", press: "look" } },
  pressOwnTalk: { body: { press: "look" } },
  createInvitation: { body: { name: "Ines", role: "observer" } },
  revokeInvitation: { ids: async (world) => ({ invitationId: await newInvitation(world.roomA) }) },
  readInvitationCalendar: { ids: async (world) => ({ invitationId: await newInvitation(world.roomA) }) },
  openInvitation: { body: { secret: "wrong" } },
  acceptInvitation: { body: { secret: "wrong", name: "Eve" } },
  changeSettings: { body: { auditDays: 400 } },
  addBlock: {
    body: () => ({ address: `203.0.113.${++number % 250}`, reason: "A test", expiresAt: null }),
  },
  removeBlock: {
    ids: async () => {
      const wish = { address: `198.51.100.${++number % 250}`, reason: "A test", expiresAt: null };
      return { blockId: (await server.product.blocks.add(wish, "owner", null)).id };
    },
  },
  createToken: { body: { name: "Robot", scopes: ["rooms:read"], expiresAt: null } },
  revokeToken: {
    ids: async (world) => {
      const { user } = await world.person("colouristA", routes.revokeToken);
      if (user === null) throw new Error("colourist A has no account");
      const wish = { name: "Robot", scopes: ["rooms:read"], expiresAt: null } as const;
      return { tokenId: (await server.product.tokens.create(user, wish)).token.id };
    },
  },
};

let server: TestServer;
let world: World;
beforeAll(async () => {
  server = await startTestServer();
  world = await makeWorld(server);
});
afterAll(() => server.close());

async function again(inWorld: World, who: PersonName): Promise<Person> {
  const { user } = await inWorld.person(who, routes.readSession);
  if (user === null) throw new Error(`${who} has no account`);
  return inWorld.login(user);
}
async function userId(inWorld: World): Promise<Record<string, string>> {
  return { userId: (await inWorld.colourist("full")).user?.id ?? "" };
}
async function waitingSeat(inWorld: World): Promise<Record<string, string>> {
  return { participantId: (await inWorld.seat(inWorld.roomA, false)).sessionId };
}
/** Somebody with a page open in room A. */
async function somebodyHere(inWorld: World): Promise<Record<string, string>> {
  const { sessionId: id } = await inWorld.seat(inWorld.roomA, true);
  const member = { id, personId: id, name: "Ada", role: "reviewer", isHost: false } as const;
  server.product.presence.arrive(inWorld.roomA, member);
  return { participantId: id };
}
async function banInA({ roomA }: World): Promise<Record<string, string>> {
  const wish = { personId: `person ${++number}`, name: "Ada", by: "Cora" };
  return { banId: (await server.product.bans.add(roomA, wish))?.id ?? "" };
}
async function newInvitation(roomId: string): Promise<string> {
  const wish = { name: "Ines", role: "reviewer", startsAt: Date.now() + 3_600_000 } as const;
  return (await server.product.invitations.create(roomId, wish, null)).id;
}
/** Room A is live, and nothing records it. */
async function endRecording({ roomA }: World): Promise<StoredRoom> {
  server.engine.live.set(roomA, liveStream("take"));
  const room = server.product.directory.byId(roomA);
  if (room === null) throw new Error("room A is gone");
  await server.product.recordings.stop(room);
  return room;
}
async function beginRecording(inWorld: World): Promise<void> {
  await server.product.recordings.start(await endRecording(inWorld));
}
async function recordingOfA(inWorld: World): Promise<Record<string, string>> {
  return { recordingId: (await addRecording(server, inWorld.roomA, "ready")).id };
}
/** A passkey for a login, by the API; answers its id. */
async function addPasskey({ headers }: Person): Promise<string> {
  const options = (await askAs(server, { headers }, "POST", "/passkeys/options")).json();
  const credential = createAuthenticator().create(options, { origin: server.url });
  const answer = await askAs(server, { headers }, "POST", "/passkeys", { credential });
  expect([answer.statusCode, answer.body]).toEqual([201, expect.anything()]);
  return answer.json().passkey.id;
}
/** One of two of colourist A's, so that it can be removed; the same one until it is. */
async function passkeyOfA(inWorld: World): Promise<Record<string, string>> {
  const login = await again(inWorld, "colouristA");
  const { passkeys } = (await askAs(server, login, "GET", "/passkeys")).json();
  const [first, second] = passkeys.map(({ id }: { id: string }) => id);
  if (first === undefined) await addPasskey(login);
  return { passkeyId: second ?? (await addPasskey(login)) };
}

function fill(path: string, ids: Record<string, string>): string {
  return path.replace(/:(\w+)/g, (_all, key: string) => ids[key] ?? "AAAAAAAAAAAAAAAAAAAAAA");
}
function bodyOf(name: RouteName): object | undefined {
  const body = CASES[name]?.body;
  return typeof body === "function" ? body() : body;
}
/** What the answer says, but for the id of its request. */
function said(answer: { statusCode: number; body: string }): unknown {
  if (answer.statusCode < 400) return answer.statusCode;
  const { requestId: _id, ...rest } = JSON.parse(answer.body) as Record<string, unknown>;
  return [answer.statusCode, rest];
}

test("every route of the contract has its row, and every row its 13 cells", () => {
  expect(Object.keys(MATRIX).sort()).toEqual(Object.keys(routes).sort());
  for (const row of Object.values(MATRIX)) expect(row).toHaveLength(PEOPLE.length);
});

// Refusals first: they leave the world as it is.
describe.each(Object.keys(MATRIX) as RouteName[])("27: %s", (name) => {
  const route: Route = routes[name];
  const cells = PEOPLE.map((who, at) => [who, MATRIX[name][at] ?? 0] as const);
  test.each([...cells].sort(([, a], [, b]) => b - a))("by %s answers %i", async (who, expected) => {
    const ids = { roomId: world.roomA, ...(await CASES[name]?.ids?.(world)) };
    const person = await world.person(who, route);
    const answer = await askAs(server, person, route.method, fill(route.path, ids), bodyOf(name));
    expect([answer.statusCode, answer.body]).toEqual([expected, expect.anything()]);

    // What is not theirs looks like what is not there, to the last byte but the request's id.
    if (route.path.includes(":") && (expected === 404 || expected === 401)) {
      const missing = await askAs(server, person, route.method, fill(route.path, {}), bodyOf(name));
      expect(said(missing)).toEqual(said(answer));
    }
    if (expected < 300 && CASES[name]?.ends === true) world = await makeWorld(server);
  });
});

test("27: every route that a proof by passkey guards asks for it again when the last one is old", async () => {
  const guarded = (Object.keys(routes) as RouteName[]).filter((name) => "stepUp" in routes[name]);
  expect(guarded.length).toBeGreaterThan(8);
  const old = await startTestServer({ STEP_UP_SECONDS: "1" });
  const inOld = await makeWorld(old);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  for (const name of guarded) {
    const { method, path } = routes[name];
    const owner = await inOld.person("owner", routes[name]);
    const answer = await askAs(old, owner, method, fill(path, {}), bodyOf(name));
    expect([name, answer.statusCode, answer.json().error]).toEqual([name, 403, "step_up_required"]);
  }
  await old.close();
});

test("27: what belongs to another room or person is not there under one's own path", async () => {
  const seatB = (await world.person("reviewerB", routes.readSeat)).sessionId;
  const banned = { personId: "somebody", name: "Ada", by: "Cora" };
  const banB = (await server.product.bans.add(world.roomB, banned))?.id ?? "";
  const colouristB = await world.person("colouristB", routes.readSession);
  const owner = await world.person("owner", routes.readSession);
  const a = `/rooms/${world.roomA}`;
  const asked: [PersonName, string, string, object?][] = [];
  for (const who of ["presenterA", "colouristA", "owner", "token"] as const) {
    asked.push([who, "POST", `${a}/participants/${seatB}/admit`]);
    asked.push([who, "POST", `${a}/participants/${seatB}/refuse`]);
    asked.push([who, "DELETE", `${a}/participants/${seatB}`]);
    asked.push([who, "DELETE", `${a}/participants/${seatB}?ban=true`]);
    asked.push([who, "POST", `${a}/participants/${seatB}/role`, { role: "observer" }]);
    asked.push([who, "POST", `${a}/participants/${seatB}/lower-hand`]);
    asked.push([who, "DELETE", `${a}/bans/${banB}`]);
    asked.push([who, "DELETE", `${a}/participants/${seatB}?revokeInvitation=true`]);
  }
  for (const who of ["colouristA", "owner", "token"] as const) {
    asked.push([who, "DELETE", `${a}/invitations/${world.invitationB}`]);
    asked.push([who, "GET", `${a}/invitations/${world.invitationB}/calendar.ics`]);
  }
  const { id: recordingB } = await addRecording(server, world.roomB, "ready");
  asked.push(["colouristA", "GET", `/recordings/${recordingB}`]);
  asked.push(["colouristA", "PATCH", `/recordings/${recordingB}`, { name: "Mine" }]);
  asked.push(["colouristA", "DELETE", `/recordings/${recordingB}`]);
  asked.push(["colouristA", "GET", `/recordings?roomId=${world.roomB}`]);
  const passkeyB = await addPasskey(await again(world, "colouristB"));
  asked.push(["colouristA", "PATCH", `/passkeys/${passkeyB}`, { name: "Mine" }]);
  asked.push(["colouristA", "DELETE", `/passkeys/${passkeyB}`]);
  asked.push(["owner", "DELETE", `/passkeys/${passkeyB}`]);
  asked.push(["colouristA", "DELETE", `/sessions/${colouristB.sessionId}`]);
  asked.push(["colouristA", "DELETE", `/sessions/${owner.sessionId}`]);
  asked.push(["owner", "DELETE", `/sessions/${seatB}`]); // a seat is no login: its room's hosts end it
  for (const [who, method, path, body] of asked) {
    const person = await world.person(who, { ...routes.removeParticipant, ...scopeFor(path) });
    const foreign = await askAs(server, person, method, path, body);
    const ids = /[\w-]{22}(?=\?|\/[a-z.-]+$|$)/;
    const missing = await askAs(server, person, method, path.replace(ids, "A".repeat(22)), body);
    expect([who, method, path, foreign.statusCode]).toEqual([who, method, path, 404]);
    expect(said(missing)).toEqual(said(foreign));
  }
  // Nothing of it has happened.
  const reviewerB = await world.person("reviewerB", routes.readReview);
  expect((await askAs(server, reviewerB, "GET", `/rooms/${world.roomB}/review`)).statusCode).toBe(200);
  expect((await askAs(server, colouristB, "GET", "/rooms")).json().rooms).toHaveLength(1);
  const listed = (await askAs(server, colouristB, "GET", `/rooms/${world.roomB}/invitations`)).json();
  expect(listed.invitations.map((one: { state: string }) => one.state)).toEqual(["open"]);
});

function scopeFor(path: string): { scope: "people:read" | "people:write" } {
  return { scope: path.endsWith(".ics") ? "people:read" : "people:write" };
}

test("27: every method that the contract does not have is 404 on every path; HEAD asks as GET does", async () => {
  const paths = new Set(Object.values(routes).map(({ path }) => path));
  for (const path of paths) {
    // "/passkeys/options" is also an id in "/passkeys/:passkeyId".
    const fits = (route: Route) => new RegExp(`^${route.path.replace(/:\w+/g, "[^/]+")}$`).test(path);
    const has = new Set<string>(
      Object.values(routes).flatMap((route: Route) => (fits(route) ? [route.method] : [])),
    );
    const filled = fill(path, { roomId: world.roomA });
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
      if (has.has(method)) continue;
      const answer = await askAs(server, { headers: {} }, method, filled);
      const asGet = (): Promise<number> =>
        askAs(server, { headers: {} }, "GET", filled).then(({ statusCode }) => statusCode);
      const expected = method === "HEAD" && has.has("GET") ? await asGet() : 404;
      expect([path, method, answer.statusCode]).toEqual([path, method, expected]);
    }
  }
});

test("the description of the API holds every route of the contract, with who may and what comes back", async () => {
  const answer = await server.app.inject({ url: "/api/openapi.json" });
  const described = answer.json();
  expect(described.openapi).toBe("3.1.0");
  for (const [name, route] of Object.entries(routes)) {
    const path = API_PREFIX + route.path.replace(/:(\w+)/g, "{$1}");
    const operation = described.paths[path]?.[route.method.toLowerCase()];
    expect(operation, name).toMatchObject({ operationId: name, summary: route.summary });
    expect(operation.responses[route.status], name).toBeDefined();
    expect(operation.security.length === 0, name).toBe(route.access === "public");
    expect(operation.requestBody !== undefined, name).toBe("body" in route);
  }
});
