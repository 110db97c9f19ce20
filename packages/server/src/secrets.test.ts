import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSealer, openOwnKeyFile, readKeyFile, SealError } from "./secrets.js";

test("what is sealed opens with the same key and purpose, and with nothing else", () => {
  const key = randomBytes(32);
  const sealer = createSealer(key);
  const sealed = sealer.seal("stream-key a", "cs-secret");
  expect(Buffer.from(sealed).toString("latin1")).not.toContain("secret");
  expect(sealer.unseal("stream-key a", sealed)).toBe("cs-secret");
  expect(() => sealer.unseal("stream-key b", sealed)).toThrow(SealError);
  expect(() => createSealer(randomBytes(32)).unseal("stream-key a", sealed)).toThrow(SealError);
  expect(sealer.seal("stream-key a", "cs-secret")).not.toEqual(sealed);
});

test("a sealed text that was cut or changed at any byte does not open", () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal("p", "text");
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed, (byte, n) => (n === at ? byte ^ 1 : byte));
    expect(() => sealer.unseal("p", changed)).toThrow(SealError);
    expect(() => sealer.unseal("p", sealed.subarray(0, at))).toThrow(SealError);
  }
});

test("of many first starts at once all get the one key, readable by its owner alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cs-"));
  const path = join(folder, "secret.key");
  const keys = await Promise.all(Array.from({ length: 20 }, () => openOwnKeyFile(path)));
  expect(new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size).toBe(1);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["secret.key"]);
  await rm(folder, { recursive: true });
});

test("a key file may be raw, hex or base64; anything else is refused by its name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cs-"));
  const path = join(folder, "key");
  const key = randomBytes(32);
  for (const text of [key, `${key.toString("hex")}\n`, key.toString("base64")]) {
    await writeFile(path, text);
    expect(Buffer.from(await readKeyFile(path)).equals(key)).toBe(true);
  }
  await writeFile(path, "short");
  await expect(readKeyFile(path)).rejects.toThrow(path);
  await rm(folder, { recursive: true });
});
