import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeSelfSigned } from "../../../tests/tools/certificate.js";
import { readCertificate, warningsOf } from "./certificate.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cs-cert-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const look = async () => {
  const { certFile, keyFile } = await writeSelfSigned(folder);
  return { cert: certFile, key: keyFile };
};

test("no files are no certificate and no problem", async () => {
  expect(await readCertificate(null, null, 0)).toEqual({ rtmpsCertificate: null, rtmpsProblem: null });
});

test("a key of another certificate, no key and no certificate are told apart", async () => {
  const files = await look();
  const elsewhere = mkdtempSync(join(folder, "other-"));
  const { keyFile } = await writeSelfSigned(elsewhere);
  expect((await readCertificate({ ...files, key: keyFile }, null, 0)).rtmpsProblem).toContain(
    "do not belong together",
  );
  expect((await readCertificate({ ...files, key: files.cert }, null, 0)).rtmpsProblem).toContain(
    "no private key",
  );
  writeFileSync(files.cert, "nothing");
  expect((await readCertificate(files, null, 0)).rtmpsProblem).toContain("holds no certificate");
  expect((await readCertificate({ ...files, cert: folder }, null, 0)).rtmpsProblem).toContain(
    "it is a folder",
  );
});

const DAY_MS = 86_400_000;
const GOOD = { names: ["edit.example.org"], expiresAt: 60 * DAY_MS, isSelfSigned: false };
const STAR = { names: ["*.example.org"] };

test.each([
  ["all is well", {}, "EDIT.example.org", []],
  ["no host is known", {}, null, []],
  ["a star stands for one name", STAR, "edit.example.org", []],
  ["a star does not stand for two", STAR, "a.edit.example.org", ["other-host"]],
  ["a star does not stand for none", STAR, "example.org", ["other-host"]],
  ["it is for another name", {}, "grade.example.org", ["other-host"]],
  ["it has expired", { expiresAt: 0 }, null, ["expired"]],
  ["it soon will have", { expiresAt: 10 * DAY_MS }, null, ["expires-soon"]],
  ["it is self-signed", { isSelfSigned: true }, "grade.example.org", ["self-signed"]],
  ["encoders are told an address", { names: ["192.0.2.1"] }, "192.0.2.1", ["address"]],
])("when %s the warnings say so", (_what, changes, host, warnings) => {
  expect(warningsOf({ ...GOOD, ...changes }, host, 0)).toEqual(warnings);
});
