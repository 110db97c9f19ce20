import { expect, test } from "vitest";
import { hashPassword, isPassword, PasswordsBusyError } from "./password.js";

test("a password is kept as Argon2id at 64 MiB and three passes, each time with another salt", async () => {
  const [one, two] = await Promise.all([hashPassword("spoken aloud"), hashPassword("spoken aloud")]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await isPassword("spoken aloud", one)).toBe(true);
  expect(await isPassword("spoken aloue", one)).toBe(false);
});

test("a password typed in decomposed letters is the same password", async () => {
  expect(await isPassword("cafe\u0301 noir", await hashPassword("caf\u00e9 noir"))).toBe(true);
});

test("a password hashed by scrypt, as until November 2026, still opens", async () => {
  // node -e: scryptSync("spoken aloud", Buffer.alloc(16, 1), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 })
  const kept = "scrypt-15-8-1$AQEBAQEBAQEBAQEBAQEBAQ$eMGHw5AXRipKQfTYLCdMYdwDMJTNW0irneaQ-MCENzo";
  expect(await isPassword("spoken aloud", kept)).toBe(true);
  expect(await isPassword("spoken aloue", kept)).toBe(false);
});

test("where there is no room the answer is no, and takes about as long as where there is one", async () => {
  const kept = await hashPassword("spoken aloud");
  const spent = async (hash: string | null): Promise<number> => {
    const began = performance.now();
    for (let n = 0; n < 5; n++) expect(await isPassword("a guess", hash)).toBe(false);
    return performance.now() - began;
  };
  const [there, nowhere] = [await spent(kept), await spent(null)];
  expect(nowhere).toBeGreaterThan(there / 3); // the machine is shared: a shortcut would be a thousandth
});

test("more than 64 passwords at once are refused, not queued", async () => {
  const kept = await hashPassword("spoken aloud");
  const all = await Promise.allSettled(Array.from({ length: 70 }, () => isPassword("a guess", kept)));
  const refused = all.filter((one) => one.status === "rejected");
  expect(refused).toHaveLength(6);
  for (const one of refused) expect(one.reason).toBeInstanceOf(PasswordsBusyError);
}, 30_000);
