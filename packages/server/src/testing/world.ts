import { API_PREFIX, type Route, SCOPES, type Scope } from "@colourstream/contract";
import type { LightMyRequestResponse } from "fastify";
import type { StoredUser } from "../store/users.js";
import { openOwner, type TestServer } from "./server.js";

/** Everybody who may ask for something of room A, in the order of the table's columns. */
export const PEOPLE = [
  "nobody",
  "waitingA",
  "guestA",
  "reviewerA",
  "observerA",
  "presenterA",
  "reviewerB",
  "colouristB",
  "colouristA",
  "owner",
  "enrol",
  "otherToken",
  "token",
] as const;
/** One of them. */
export type PersonName = (typeof PEOPLE)[number];

/** What somebody asks with. */
export type Person = {
  readonly headers: Readonly<Record<string, string>>;
  readonly user: StoredUser | null;
  readonly sessionId: string;
};

/** Two rooms with their people. Made anew where a test has ended one of them. */
export type World = {
  readonly roomA: string;
  readonly roomB: string;
  readonly invitationA: string;
  readonly invitationB: string;
  person(name: PersonName, route: Route): Promise<Person>;
  /** A new seat in a room, by its password; waiting or let in. */
  seat(roomId: string, isIn: boolean): Promise<Person>;
  /** A new account of a colourist, signed in. */
  colourist(stage: "enrol" | "full"): Promise<Person>;
  /** Another login of somebody. */
  login(user: StoredUser): Promise<Person>;
};

const NOBODY: Person = { headers: {}, user: null, sessionId: "" };
const SCOPE_NAMES = Object.keys(SCOPES) as Scope[];
let addresses = 0;
let names = 0;

/** An address that nobody has asked from: no limit on an address is what a test of rights measures. */
export function newAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** Asks as somebody would, from an address of its own. */
export function askAs(
  server: TestServer,
  { headers }: Pick<Person, "headers">,
  method: string,
  path: string,
  body?: unknown,
): Promise<LightMyRequestResponse> {
  return server.app.inject({
    method: method as "GET",
    url: API_PREFIX + path,
    remoteAddress: newAddress(),
    headers: {
      origin: server.url,
      ...headers,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  });
}

/** Makes two rooms and everybody in and around them. */
export async function makeWorld(server: TestServer): Promise<World> {
  const { product } = server;
  const { sessions, accounts, rooms, invitations, tokens } = product;
  const device = () => ({ userAgent: "a test", address: newAddress() });
  const name = (what: string) => `${what} ${++names}`;

  const login = async (user: StoredUser, stage: "enrol" | "full" = "full"): Promise<Person> => {
    const { session, token } = await sessions.startUser(user, stage, device());
    return { headers: { cookie: `session=${token}` }, user, sessionId: session.id };
  };
  const colourist = async (stage: "enrol" | "full"): Promise<Person> => {
    const { account } = await accounts.invite(name("Cora"));
    return login({ id: account.id, name: account.name, role: "colourist" }, stage);
  };
  const seatBy = async (
    roomId: string,
    role: "presenter" | "reviewer" | "observer",
    invitationId: string | null,
    isIn = true,
  ): Promise<Person> => {
    const admittedAt = isIn ? Date.now() : null;
    const personId = name("person");
    const seat = { roomId, personId, name: name("Ada"), role, invitationId, admittedAt } as const;
    const terms = { passwordHash: null, wasIn: true, mostWaiting: 50, earlier: null };
    const started = await sessions.startSeat(seat, device(), terms);
    if (typeof started === "string") throw new Error(`a seat in ${roomId}: ${started}`);
    const headers = { cookie: `seat-${roomId}=${started.token}` };
    return { headers, user: null, sessionId: started.session.id };
  };

  const ownerBrowser = await openOwner(server);
  const owner = await server.store.users.owner();
  if (owner === null) throw new Error("there is no owner");
  const ownerSession = await sessions.find(ownerBrowser.cookies.get("session") ?? "", newAddress());
  const [colouristA, colouristB] = [await colourist("full"), await colourist("full")];
  const roomOf = async (who: Person, what: string): Promise<string> =>
    (await rooms.create({ name: name(what) }, who.user?.id ?? null)).id;
  const roomA = await roomOf(colouristA, "Room A");
  const roomB = await roomOf(colouristB, "Room B");
  const invite = async (roomId: string, role: "presenter" | "reviewer" | "observer"): Promise<string> =>
    (await invitations.create(roomId, { name: name("Ines"), role }, null)).id;
  const invitationA = await invite(roomA, "reviewer");
  const invitationB = await invite(roomB, "reviewer");
  const people: Partial<Record<PersonName, Person>> = {
    nobody: NOBODY,
    waitingA: await seatBy(roomA, "reviewer", null, false),
    guestA: await seatBy(roomA, "reviewer", null),
    reviewerA: await seatBy(roomA, "reviewer", invitationA),
    observerA: await seatBy(roomA, "observer", await invite(roomA, "observer")),
    presenterA: await seatBy(roomA, "presenter", await invite(roomA, "presenter")),
    reviewerB: await seatBy(roomB, "reviewer", invitationB),
    colouristA,
    colouristB,
    owner: {
      headers: { cookie: ownerBrowser.cookieHeader() },
      user: owner,
      sessionId: ownerSession?.id ?? "",
    },
    enrol: await colourist("enrol"),
  };

  const bearers = new Map<string, string>();
  const bearer = async (scopes: readonly Scope[]): Promise<Person> => {
    const key = scopes.join();
    const known = bearers.get(key);
    const secret =
      known ?? (await tokens.create(owner, { name: name("Robot"), scopes, expiresAt: null })).secret;
    bearers.set(key, secret);
    return { headers: { authorization: `Bearer ${secret}` }, user: owner, sessionId: "" };
  };

  return {
    roomA,
    roomB,
    invitationA,
    invitationB,
    colourist,
    login,
    seat: (roomId, isIn) => seatBy(roomId, "reviewer", null, isIn),
    person: async (who, { scope }) => {
      if (who === "otherToken") return bearer(SCOPE_NAMES.filter((other) => other !== scope));
      if (who === "token") return bearer(scope === undefined ? SCOPE_NAMES : [scope]);
      const person = people[who];
      if (person === undefined) throw new Error(`${who} is not in this world`);
      return person;
    },
  };
}
