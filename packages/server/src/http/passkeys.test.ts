import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  type Asking,
  type Authenticator,
  type AuthenticatorFaults,
  createAuthenticator,
} from "../../../../tests/tools/authenticator.js";
import { addPasskey, enrol, signIn, stepUp } from "../../../../tests/tools/ceremony.js";
import { type Browser, openBrowser, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
const authenticator = createAuthenticator();
beforeAll(async () => {
  server = await startTestServer();
  owner = openBrowser(server);
  await enrol(asker(owner), await linkFor("set_up"), authenticator, asking(), "Olga");
});
afterAll(() => server.close());

type Options = Record<string, unknown>;
const asking = (faults: AuthenticatorFaults = {}): Asking => ({ origin: server.url, ...faults });
const linkFor = async (purpose: "set_up" | "recovery"): Promise<string> =>
  `${server.url}/set-up#${await server.product.setUp.makeCode(purpose)}`;
/** As `tests/tools/ceremony.ts` asks. */
const asker =
  (browser: Browser) =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await browser.ask(method, path, body);
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${answer.json().error}`);
    return answer.body === "" ? (undefined as T) : answer.json();
  };
/** Every try from an address of its own: what is tested here is not the limit on tries. */
let addresses = 0;
const stranger = (): Browser => {
  addresses += 1;
  return openBrowser(server, `203.0.113.${addresses}`);
};
const tell = async (
  browser: Browser,
  path: string,
  credential: unknown,
): Promise<[number, string, string]> => {
  const answer = await browser.ask("POST", path, { credential });
  const { error = "accepted", message = "" } = answer.json();
  return [answer.statusCode, error, message];
};
const begin = (browser: Browser, path: string): Promise<Options> => asker(browser)("POST", path);
const GENERIC = [401, "passkey_refused", "That passkey was not accepted. Try again, or use another one."];
const otherChallenge = Buffer.alloc(32, 7).toString("base64url");

test("what is asked of the browser: resident, verified, no attestation, the user's handle, 5 minutes", async () => {
  const made = await begin(owner, "/passkeys/options");
  expect(made).toMatchObject({
    rp: { id: "localhost", name: "ColourStream" },
    user: { name: "Olga" },
    attestation: "none",
    timeout: 300_000,
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: [{ id: authenticator.ids()[0] }],
  });
  expect(Buffer.from((made["user"] as { id: string }).id, "base64url")).toHaveLength(32);
  expect(() => authenticator.create(made, asking())).toThrow(/InvalidStateError/);
  const shown = await begin(stranger(), "/sign-in/options");
  expect(shown).toMatchObject({ rpId: "localhost", userVerification: "required", allowCredentials: [] });
  expect(Buffer.from(shown["challenge"] as string, "base64url")).toHaveLength(32);
  expect(await begin(owner, "/step-up/options")).toMatchObject({
    allowCredentials: [{ id: authenticator.ids()[0] }],
  });
});

test("a person signs in without saying who they are, and the passkey notes its use", async () => {
  const browser = stranger();
  const session = await signIn(asker(browser), authenticator, asking());
  expect(session).toMatchObject({ user: { name: "Olga", role: "owner" }, stage: "full" });
  const { passkeys } = await asker(browser)<{ passkeys: { lastUsedAt: number }[] }>("GET", "/passkeys");
  expect(passkeys[0]?.lastUsedAt).toBeGreaterThan(Date.now() - 10_000);
});

test.each<[string, AuthenticatorFaults]>([
  ["from a page of another origin", { origin: "http://localhost.evil.example" } as AuthenticatorFaults],
  ["for another relying party", { rpId: "evil.example" }],
  ["for another challenge", { challenge: otherChallenge }],
  ["of another ceremony", { type: "webauthn.create" }],
  ["without the person being verified", { isVerified: false }],
  ["without the person being there", { isPresent: false, isVerified: false }],
  ["with a forged signature", { isForged: true }],
  ["with the counter back", { counter: 1 }],
  ["for another person", { userHandle: Buffer.alloc(32, 1).toString("base64url") }],
  ["from a frame of another site", { isCrossOrigin: true }],
])("an answer %s is refused like every other, and its challenge is gone", async (_name, faults) => {
  const browser = stranger();
  await signIn(asker(browser), authenticator, asking()); // the counter is above 1
  browser.cookies.delete("session");
  const options = await begin(browser, "/sign-in/options");
  expect(await tell(browser, "/sign-in", authenticator.get(options, asking(faults)))).toEqual(GENERIC);
  expect(browser.cookies.has("session")).toBe(false);
  if (faults.challenge === undefined)
    expect(await tell(browser, "/sign-in", authenticator.get(options, asking()))).toEqual(GENERIC);
});

test("a challenge serves once: the same answer again is refused, and so are two at the same moment", async () => {
  const browser = stranger();
  const credential = authenticator.get(await begin(browser, "/sign-in/options"), asking());
  expect((await tell(browser, "/sign-in", credential))[0]).toBe(201);
  expect(await tell(browser, "/sign-in", credential)).toEqual(GENERIC);

  const again = authenticator.get(await begin(browser, "/sign-in/options"), asking());
  const both = await Promise.all([tell(browser, "/sign-in", again), tell(browser, "/sign-in", again)]);
  expect(both.map(([status]) => status).sort()).toEqual([201, 401]);
});

test("a challenge is another browser's business neither with that browser's cookie nor without one", async () => {
  const [mine, theirs] = [stranger(), stranger()];
  const credential = authenticator.get(await begin(mine, "/sign-in/options"), asking());
  await begin(theirs, "/sign-in/options");
  expect(await tell(theirs, "/sign-in", credential)).toEqual(GENERIC);
  expect(await tell(mine, "/sign-in", credential)).toEqual(GENERIC); // it was tried: it is gone
  const second = authenticator.get(await begin(mine, "/sign-in/options"), asking());
  expect(await tell(stranger(), "/sign-in", second)).toEqual(GENERIC);
});

test("a challenge for one purpose serves no other", async () => {
  const browser = stranger();
  await signIn(asker(browser), authenticator, asking());
  const routes = { "/sign-in": "/sign-in/options", "/step-up": "/step-up/options" } as const;
  for (const [path, other] of [
    ["/sign-in", routes["/step-up"]],
    ["/step-up", routes["/sign-in"]],
  ] as const) {
    const options = await begin(browser, other);
    expect(await tell(browser, path, authenticator.get(options, asking()))).toEqual(GENERIC);
  }
  const key = createAuthenticator();
  for (const other of Object.values(routes)) {
    const { challenge } = await begin(browser, other);
    const made = await begin(browser, "/passkeys/options");
    expect(await tell(browser, "/passkeys", key.create({ ...made, challenge }, asking()))).toEqual(GENERIC);
  }
  const { challenge } = await begin(browser, "/passkeys/options");
  const shown = await begin(browser, "/sign-in/options");
  expect(await tell(browser, "/sign-in", authenticator.get({ ...shown, challenge }, asking()))).toEqual(
    GENERIC,
  );
});

test("a browser has four challenges open at most: the oldest goes", async () => {
  const browser = stranger();
  const all: Options[] = [];
  for (let n = 0; n < 5; n++) {
    all.push(await begin(browser, "/sign-in/options"));
    await new Promise((resolve) => setTimeout(resolve, 2)); // they are told apart by their milliseconds
  }
  const [first, second] = all.map((options) => () => authenticator.get(options, asking()));
  expect(await tell(browser, "/sign-in", first?.())).toEqual(GENERIC);
  expect((await tell(browser, "/sign-in", second?.()))[0]).toBe(201);
});

test.each<[string, AuthenticatorFaults]>([
  ["from a page of another origin", { origin: "https://localhost" } as AuthenticatorFaults],
  ["for another relying party", { rpId: "evil.example" }],
  ["for another challenge", { challenge: otherChallenge }],
  ["of another ceremony", { type: "webauthn.get" }],
  ["without the person being verified", { isVerified: false }],
  ["without the person being there", { isPresent: false, isVerified: false }],
  ["from a frame of another site", { isCrossOrigin: true }],
])("a new passkey %s is refused, and its challenge is gone", async (_name, faults) => {
  const browser = stranger();
  await signIn(asker(browser), authenticator, asking());
  const options = await begin(browser, "/passkeys/options");
  const key = createAuthenticator();
  expect(await tell(browser, "/passkeys", key.create(options, asking(faults)))).toEqual(GENERIC);
  if (faults.challenge === undefined)
    expect(await tell(browser, "/passkeys", key.create(options, asking()))).toEqual(GENERIC);
});

test.each([
  ["nothing at all", {}],
  ["text where JSON should be", { id: "AAAA", response: { clientDataJSON: "AAAA" } }],
  ["a list for an answer", { id: "AAAA", response: [] }],
  ["no base64url", { id: "no base64!", response: { clientDataJSON: "{}" } }],
  [
    "a challenge of a thousand bytes",
    { id: "AAAA", response: { clientDataJSON: clientData("A".repeat(1_336)) } },
  ],
  ["an unknown challenge", { id: "AAAA", response: { clientDataJSON: clientData(otherChallenge) } }],
])("an answer that holds %s is refused like every other", async (_name, credential) => {
  const browser = stranger();
  await begin(browser, "/sign-in/options");
  expect(await tell(browser, "/sign-in", credential)).toEqual(GENERIC);
});

test("an authenticator without a counter is taken as well, and its backed-up state is kept up to date", async () => {
  const synced = createAuthenticator({ counts: false, isSynced: true, transports: ["internal", "hybrid"] });
  const browser = stranger();
  await signIn(asker(browser), authenticator, asking());
  const { passkey } = await addPasskey(asker(browser), synced, asking(), "Mira's telephone");
  expect(passkey).toMatchObject({ name: "Mira's telephone", isSynced: true, isBackedUp: true });
  for (let n = 0; n < 2; n++) await signIn(asker(browser), synced, asking());
  const key = createAuthenticator({ transports: ["usb"] });
  expect((await addPasskey(asker(browser), key, asking())).passkey.name).toBe("Security key");
  for (const { id } of (
    await asker(browser)<{ passkeys: { id: string }[] }>("GET", "/passkeys")
  ).passkeys.slice(1))
    expect((await browser.ask("DELETE", `/passkeys/${id}`)).statusCode).toBe(204);
  expect(
    await tell(browser, "/sign-in", synced.get(await begin(browser, "/sign-in/options"), asking())),
  ).toEqual(GENERIC);
});

test("a proof gets old: then the dangerous act asks for a new one, and the proof changes the cookie", async () => {
  const strict = await startTestServer({ STEP_UP_SECONDS: "1" });
  const here = (): Asking => ({ origin: strict.url });
  const browser = openBrowser(strict);
  const key = createAuthenticator();
  const link = `${strict.url}/set-up#${await strict.product.setUp.makeCode("set_up")}`;
  await enrol(asker(browser), link, key, here());
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  expect((await browser.ask("GET", "/session")).json()).toMatchObject({ stage: "full", provedUntil: null });
  const refused = await browser.ask("POST", "/passkeys/options");
  expect([refused.statusCode, refused.json().error]).toEqual([403, "step_up_required"]);
  const before = browser.cookieHeader();
  expect((await stepUp(asker(browser), key, here())).provedUntil).toBeGreaterThan(Date.now());
  expect((await browser.ask("POST", "/passkeys/options")).statusCode).toBe(200);
  const old = await strict.app.inject({ url: "/api/v1/rooms", headers: { cookie: before } });
  expect(old.statusCode).toBe(401);
  await strict.close();
});

test("a refusal's reason is in the log, and nothing secret beside it", async () => {
  const browser = stranger();
  const options = await begin(browser, "/sign-in/options");
  const info = vi.spyOn(server.app.log, "info");
  const child = vi.spyOn(server.app.log, "child").mockImplementation(() => server.app.log);
  const credential = authenticator.get(options, { origin: "http://evil.example" });
  expect(await tell(browser, "/sign-in", credential)).toEqual(GENERIC);
  const said = JSON.stringify(info.mock.calls);
  expect(said).toContain("http://evil.example");
  expect(said).not.toContain(String(options["challenge"]));
  expect(said).not.toContain(String(browser.cookies.get("browser")));
  info.mockRestore();
  child.mockRestore();
});

test("the last passkey cannot be removed, not even by two requests at the same moment", async () => {
  const browser = stranger();
  await signIn(asker(browser), authenticator, asking());
  const list = async (): Promise<{ id: string }[]> =>
    (await asker(browser)<{ passkeys: { id: string }[] }>("GET", "/passkeys")).passkeys;
  const [only] = await list();
  const refused = await browser.ask("DELETE", `/passkeys/${only?.id}`);
  expect([refused.statusCode, refused.json().error]).toEqual([409, "last_passkey"]);

  const keys: [Authenticator, Authenticator] = [authenticator, createAuthenticator()];
  await addPasskey(asker(browser), keys[1], asking());
  const two = await list();
  const both = await Promise.all(two.map(({ id }) => browser.ask("DELETE", `/passkeys/${id}`)));
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([204, 409]);
  const left = await list();
  expect(left).toHaveLength(1);
  // Whichever it was still signs in.
  const still = keys[two.findIndex(({ id }) => id === left[0]?.id)];
  await signIn(asker(stranger()), still ?? authenticator, asking());
});

test("nobody renames or removes a passkey of somebody else", async () => {
  const browser = openBrowser(server, "192.0.2.50");
  await enrol(asker(browser), await linkFor("recovery"), createAuthenticator(), asking());
  const invited = await asker(browser)<{ link: string }>("POST", "/users", { name: "Carl" });
  const carl = openBrowser(server, "192.0.2.51");
  await enrol(asker(carl), invited.link, createAuthenticator(), asking());
  const { passkeys } = await asker(browser)<{ passkeys: { id: string }[] }>("GET", "/passkeys");
  for (const { id } of passkeys) {
    expect((await carl.ask("PATCH", `/passkeys/${id}`, { name: "Mine" })).statusCode).toBe(404);
    expect((await carl.ask("DELETE", `/passkeys/${id}`)).statusCode).toBe(404);
  }
  const { passkeys: carls } = await asker(carl)<{ passkeys: { id: string }[] }>("GET", "/passkeys");
  const renamed = await carl.ask("PATCH", `/passkeys/${carls[0]?.id}`, { name: "  My   key " });
  expect(renamed.json()).toMatchObject({ name: "My key" });
});

function clientData(challenge: string): string {
  const json = { type: "webauthn.get", challenge, origin: "http://localhost" };
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}
