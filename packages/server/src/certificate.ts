import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { Settings } from "@colourstream/contract";

/** What the settings show of RTMPS's certificate, and why it cannot be used where it cannot. */
export type CertificateState = Pick<Settings, "rtmpsCertificate" | "rtmpsProblem">;

type Certificate = NonNullable<Settings["rtmpsCertificate"]>;

/** Where encoders are told to send to, as far as that is set; null: it follows from how the studio is opened. */
export function encoderHost({
  publicAddress,
  publicUrl,
}: Pick<Settings, "publicAddress" | "publicUrl">): string | null {
  return publicAddress ?? (publicUrl === null ? null : new URL(publicUrl).hostname);
}

/** Looks at the files as they are now: they are renewed while we run. `host`: what encoders are told. */
export async function readCertificate(
  files: { readonly cert: string; readonly key: string } | null,
  host: string | null,
  now: number,
): Promise<CertificateState> {
  if (files === null) return { rtmpsCertificate: null, rtmpsProblem: null };
  const wrong = (rtmpsProblem: string): CertificateState => ({ rtmpsCertificate: null, rtmpsProblem });

  const cert = await read("RTMPS_CERT_FILE", files.cert);
  if ("problem" in cert) return wrong(cert.problem);
  const key = await read("RTMPS_KEY_FILE", files.key);
  if ("problem" in key) return wrong(key.problem);
  const certificate = parsed(() => new X509Certificate(cert.bytes));
  if (certificate === null) return wrong(`RTMPS_CERT_FILE, ${files.cert}, holds no certificate in PEM form.`);
  const privateKey = parsed(() => createPrivateKey(key.bytes));
  if (privateKey === null) {
    return wrong(`RTMPS_KEY_FILE, ${files.key}, holds no private key in PEM form without a passphrase.`);
  }
  return {
    rtmpsCertificate: shownOf(certificate, host, now),
    rtmpsProblem: belong(certificate, privateKey)
      ? null
      : "The certificate and the key do not belong together (RTMPS_CERT_FILE, RTMPS_KEY_FILE).",
  };
}

const SOON_MS = 14 * 86_400_000; // ACME clients renew a certificate of 90 days when 30 are left

/** Why encoders refuse a certificate, or soon will. What is self-signed is refused whatever its names are. */
export function warningsOf(
  { names, expiresAt, isSelfSigned }: Pick<Certificate, "names" | "expiresAt" | "isSelfSigned">,
  host: string | null,
  now: number,
): Certificate["warnings"] {
  const warnings: Certificate["warnings"] = [];
  if (expiresAt <= now) warnings.push("expired");
  else if (expiresAt - now < SOON_MS) warnings.push("expires-soon");
  if (isSelfSigned) warnings.push("self-signed");
  else if (host !== null && isIP(host) !== 0) warnings.push("address");
  else if (host !== null && !covers(names, host.toLowerCase())) warnings.push("other-host");
  return warnings;
}

/** `*.example.org` covers one name before the dot (RFC 9525 §6.3). */
function covers(names: readonly string[], host: string): boolean {
  return names.some((name) => {
    const given = name.toLowerCase();
    return given === host || (given.startsWith("*.") && given.slice(1) === host.slice(host.indexOf(".")));
  });
}

function shownOf(certificate: X509Certificate, host: string | null, now: number): Certificate {
  const { subject, issuer, subjectAltName, validTo } = certificate;
  const names = (subjectAltName ?? "")
    .split(", ")
    .map((name) => name.replace(/^(?:DNS|IP Address):/, ""))
    .filter((name) => name !== "");
  const shown = {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    names: names.length > 0 ? names : [nameOf(subject)],
    expiresAt: Date.parse(validTo),
    isSelfSigned: subject === issuer && certificate.verify(certificate.publicKey),
  };
  return { ...shown, warnings: warningsOf(shown, host, now) };
}

/** The common name of a distinguished name, else all of it: it comes as one field a line. */
function nameOf(distinguishedName: string): string {
  const fields = distinguishedName.split("\n");
  return fields.find((field) => field.startsWith("CN="))?.slice(3) ?? fields.join(", ");
}

function belong(certificate: X509Certificate, key: KeyObject): boolean {
  return parsed(() => certificate.checkPrivateKey(key)) ?? false; // it throws where the kinds differ
}

async function read(variable: string, file: string): Promise<{ bytes: Buffer } | { problem: string }> {
  try {
    return { bytes: await readFile(file) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return { problem: `${variable}, ${file}, cannot be read: ${WHY[code] ?? code}.` };
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};

/** Null where OpenSSL cannot make anything of it. */
function parsed<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
