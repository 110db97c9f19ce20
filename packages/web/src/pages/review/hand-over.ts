import type { EarlyOffer } from "../../player/early-offer.js";

let kept: { readonly roomId: string; readonly offer: EarlyOffer | null } | null = null;

/** Keeps the offer that was made at a door for the room behind it; an earlier one that nobody took is closed. */
export function handOverOffer(roomId: string, offer: EarlyOffer | null) {
  kept?.offer?.close();
  kept = { roomId, offer };
}

/** The offer made at this room's door. It gives its connection away once; later it is only an empty hand. */
export function takeEarlyOffer(roomId: string): EarlyOffer | null {
  return kept?.roomId === roomId ? kept.offer : null;
}
