import { MAX_CALL_PEOPLE, type SeatRole, type Sending } from "@colourstream/contract";

/** How full a call is. */
export type CallCrowd = { readonly people: number; readonly hosts: number };

/** Whether there is a place for one more. While no host is in, the last one is kept for a host. */
export function hasPlace({ people, hosts }: CallCrowd, isHost: boolean): boolean {
  const kept = isHost || hosts > 0 ? 0 : 1;
  return people < MAX_CALL_PEOPLE - kept;
}

/** Of what somebody says they send, what they may: an observer listens, and a host is on no client's side. */
export function allowedSending(
  { mic, camera, screen, side }: Sending,
  { role, isHost }: { readonly role: SeatRole; readonly isHost: boolean },
): Sending {
  const maySend = mayTalk(role);
  return {
    mic: mic && maySend,
    camera: camera && maySend,
    screen: screen && maySend,
    side: side && !isHost,
  };
}

/** An observer hears and sees the others, and is not heard. */
export function mayTalk(role: SeatRole): boolean {
  return role !== "observer";
}
