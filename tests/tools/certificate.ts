import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";

const DAY_MS = 86_400_000;

/** Writes a new self-signed certificate for `host` and its key into the folder, over those that may be there. */
export async function writeSelfSigned(
  folder: string,
  host = "localhost",
): Promise<{ certFile: string; keyFile: string }> {
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const made = await generate([{ name: "commonName", value: host }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + DAY_MS),
  });
  writeFileSync(files.certFile, made.cert);
  writeFileSync(files.keyFile, made.private, { mode: 0o600 });
  return files;
}
