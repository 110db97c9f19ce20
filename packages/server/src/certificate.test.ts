import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeSelfSigned } from "../../../tests/tools/certificate.js";
import { coversHost, readCertificate } from "./certificate.js";
import { certificateFaults } from "./operator/doctor.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cs-cert-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const look = async (host?: string, days?: number) => {
  const { certFile, keyFile } = await writeSelfSigned(folder, host, days);
  return { cert: certFile, key: keyFile };
};

test("no files are no certificate and no problem", async () => {
  expect(await readCertificate(null)).toEqual({ rtmpsCertificate: null, rtmpsProblem: null });
});

test("a key of another certificate, no key and no certificate are told apart", async () => {
  const files = await look();
  const elsewhere = mkdtempSync(join(folder, "other-"));
  const { keyFile } = await writeSelfSigned(elsewhere);
  expect((await readCertificate({ ...files, key: keyFile })).rtmpsProblem).toContain(
    "do not belong together",
  );
  expect((await readCertificate({ ...files, key: files.cert })).rtmpsProblem).toContain("no private key");
  writeFileSync(files.cert, "nothing");
  expect((await readCertificate(files)).rtmpsProblem).toContain("holds no certificate");
  expect((await readCertificate({ ...files, cert: folder })).rtmpsProblem).toContain("it is a folder");
});

test.each([
  [["edit.example.org"], "EDIT.example.org", true],
  [["*.example.org"], "edit.example.org", true],
  [["*.example.org"], "a.edit.example.org", false],
  [["*.example.org"], "example.org", false],
  [["localhost"], "edit.example.org", false],
])("%j covers %s: %s", (names, host, covers) => {
  expect(coversHost(names, host)).toBe(covers);
});

const DAY_MS = 86_400_000;
const GOOD = {
  subject: "a",
  issuer: "CA",
  names: ["edit.example.org"],
  expiresAt: 60 * DAY_MS,
  isSelfSigned: false,
};

test.each([
  ["nothing", {}, "edit.example.org", null],
  ["nothing where no host is known", {}, null, null],
  ["that it has expired", { expiresAt: -1 }, "edit.example.org", "bad expired on"],
  ["that it soon will", { expiresAt: 10 * DAY_MS }, "edit.example.org", "warn expires on"],
  [
    "that OBS refuses a self-signed one",
    { isSelfSigned: true },
    "edit.example.org",
    "warn self-signed: OBS refuses it",
  ],
  [
    "that it is for another name",
    {},
    "grade.example.org",
    "warn is for edit.example.org, not for grade.example.org",
  ],
  ["that OBS wants a name", { names: ["192.0.2.1"] }, "192.0.2.1", "warn encoders are told 192.0.2.1"],
])("the doctor says %s", (_what, changes, host, said) => {
  const faults = certificateFaults({ ...GOOD, ...changes }, host, 0);
  if (said === null) expect(faults).toBeNull();
  else expect(`${faults?.is} ${faults?.detail}`).toContain(said);
});
