import { createHash } from "node:crypto";

/** Names a picture by its slices alone: parameter sets may be repeated on the way. */
export function fingerprint(nalUnits: readonly Uint8Array[]): string {
  const hash = createHash("sha1");
  for (const unit of nalUnits) {
    const type = (unit[0] ?? 0) & 0x1f;
    if (type === 1 || type === 5) hash.update(unit);
  }
  return hash.digest("base64").slice(0, 16);
}
