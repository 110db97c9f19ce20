import type { Sealer } from "../secrets.js";
import type { StoredRoom } from "../store/rooms.js";

/**
 * What SRT encoders publish with. A streamid travels in the clear (SRT has no encryption before the handshake is over),
 * so it is not the stream key but a name of its own; what keeps strangers out is the passphrase. Both follow from the
 * key file and the stream key's hash: a new stream key makes both new, and neither has to be stored.
 */
export type SrtAccess = {
  /** The streamid: 24 letters and digits, as the shortest form fields of encoders take (32). */
  idOf(room: Pick<StoredRoom, "keyHash">): string;
  /** 24 letters and digits: 120 bits. */
  passphraseOf(room: Pick<StoredRoom, "keyHash">): string;
};

const BASE32 = "abcdefghijkmnpqrstuvwxyz23456789";
const CHARACTERS = 24;

/** Derives both with the sealer's key (HKDF, RFC 5869). */
export function createSrtAccess(sealer: Pick<Sealer, "derive">): SrtAccess {
  const spelled = (purpose: string, room: Pick<StoredRoom, "keyHash">): string => {
    const bytes = sealer.derive(`${purpose} ${Buffer.from(room.keyHash).toString("hex")}`, CHARACTERS);
    return [...bytes].map((byte) => BASE32[byte % BASE32.length]).join("");
  };
  return {
    idOf: (room) => spelled("srt streamid", room),
    passphraseOf: (room) => spelled("srt passphrase", room),
  };
}
