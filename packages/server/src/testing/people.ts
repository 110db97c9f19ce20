import type { Invitation, Joined, Room } from "@colourstream/contract";
import { type Browser, openBrowser, type TestServer } from "./server.js";
import { newAddress } from "./world.js";

let made = 0;

/** A browser that nobody is signed in with, at an address of its own. */
export function visitor(server: TestServer): Browser {
  return openBrowser(server, newAddress());
}

/** A new colourist's browser, signed in. */
export async function openColourist(server: TestServer): Promise<Browser> {
  const { accounts, sessions } = server.product;
  const { account } = await accounts.invite(`Cem ${++made}`);
  const browser = visitor(server);
  const user = { id: account.id, name: account.name, role: "colourist" } as const;
  const device = { userAgent: "a test", address: newAddress() };
  browser.cookies.set("session", (await sessions.startUser(user, "full", device)).token);
  return browser;
}

/** A new room of whoever's browser it is. */
export async function makeRoom(by: Browser, more: object = {}): Promise<Room> {
  const answer = await by.ask("POST", "/rooms", { name: `Room ${++made}`, ...more });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json();
}

/** A new invitation and the secret in its link. */
export async function invite(
  by: Browser,
  room: Room,
  wish: object = {},
): Promise<Invitation & { secret: string }> {
  const path = `/rooms/${room.id}/invitations`;
  const answer = await by.ask("POST", path, { name: "Ines", role: "reviewer", ...wish });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  const invitation: Invitation = answer.json();
  return { ...invitation, secret: new URL(invitation.link).hash.slice(1) };
}

/** Somebody who has taken a seat by the room's password. */
export async function join(
  server: TestServer,
  room: Room,
  name = "Ada",
): Promise<{ browser: Browser; joined: Joined; id: string }> {
  const browser = visitor(server);
  const body = { name, password: room.reviewerPassword };
  return seated(browser, await browser.ask("POST", `/rooms/${room.id}/join`, body));
}

/** Somebody who has taken a seat by an invitation. */
export async function accept(
  server: TestServer,
  secret: string,
  name = "Ines",
): Promise<{ browser: Browser; joined: Joined; id: string }> {
  const browser = visitor(server);
  return seated(browser, await browser.ask("POST", "/invitations/accept", { secret, name }));
}

function seated(
  browser: Browser,
  answer: { statusCode: number; body: string; json(): unknown },
): { browser: Browser; joined: Joined; id: string } {
  if (answer.statusCode !== 201) throw new Error(answer.body);
  const joined = answer.json() as Joined;
  return { browser, joined, id: joined.seat.participant.id };
}
