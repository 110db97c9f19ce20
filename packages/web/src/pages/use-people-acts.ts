import type { SeatRole } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiProblem, api } from "../api/call.js";
import { bansQuery, peopleQuery, roomQuery, sentence } from "../api/queries.js";
import { ROLE_WORDS } from "./role-words.js";

type Named = { readonly id: string; readonly name: string };

/** What a host does with somebody in the room or before it, or with its door. */
export type PeopleAct =
  | { readonly is: "admit" | "refuse"; readonly id: string }
  | ({ readonly is: "remove"; readonly revokeInvitation: boolean; readonly ban: boolean } & Named)
  | ({ readonly is: "role"; readonly role: SeatRole; readonly before: SeatRole } & Named)
  | ({ readonly is: "lower" | "mute" } & Named)
  /** `id` is the ban's. */
  | ({ readonly is: "lift" } & Named)
  | { readonly is: "mute-all" }
  | { readonly is: "lock" | "unlock" };

/** What an act has done, and what takes it back. */
export type PeopleDone = { readonly words: string; readonly undo: PeopleAct | null };

/** A host's acts. What they change comes back as the room's news. */
export function usePeopleActs(roomId: string) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (asked: PeopleAct) => send(roomId, asked),
    // The news may be on its way; this also covers a page whose connection is away.
    onSettled: () =>
      Promise.all(
        [peopleQuery(roomId), roomQuery(roomId), bansQuery(roomId)].map(({ queryKey }) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
  return {
    do: act.mutate,
    reset: act.reset,
    isBusyWith: (id: string) => act.isPending && "id" in act.variables && act.variables.id === id,
    isBusyWithLock: act.isPending && (act.variables.is === "lock" || act.variables.is === "unlock"),
    error: act.isError ? words(act.error, act.variables) : null,
    done: act.isSuccess ? doneBy(act.variables) : null,
  };
}

/** A host's acts, as a component uses them. */
export type PeopleActs = ReturnType<typeof usePeopleActs>;

function send(roomId: string, asked: PeopleAct): Promise<undefined> {
  switch (asked.is) {
    case "admit":
      return api("admitParticipant", { params: { roomId, participantId: asked.id } });
    case "refuse":
      return api("refuseParticipant", { params: { roomId, participantId: asked.id } });
    case "remove":
      return api("removeParticipant", {
        params: { roomId, participantId: asked.id },
        query: { ...(asked.revokeInvitation && { revokeInvitation: true }), ...(asked.ban && { ban: true }) },
      });
    case "role":
      return api("changeParticipantRole", {
        params: { roomId, participantId: asked.id },
        body: { role: asked.role },
      });
    case "lower":
      return api("lowerHand", { params: { roomId, participantId: asked.id } });
    case "mute":
      return api("muteParticipant", { params: { roomId, participantId: asked.id } });
    case "mute-all":
      return api("muteEverybody", { params: { roomId } });
    case "lift":
      return api("liftBan", { params: { roomId, banId: asked.id } });
    case "lock":
    case "unlock":
      return api("lockRoom", { params: { roomId }, body: { locked: asked.is === "lock" } });
  }
}

/** Null: what was done is to be seen by itself. */
function doneBy(act: PeopleAct): PeopleDone | null {
  switch (act.is) {
    case "remove":
      return {
        words: act.ban
          ? `${act.name} was sent out and cannot come back.`
          : `${act.name} was sent out. They can come back.`,
        undo: null,
      };
    case "role":
      return {
        words: `${act.name} is ${ROLE_WORDS[act.role].name.toLowerCase()} now.`,
        undo: { ...act, role: act.before, before: act.role },
      };
    case "mute":
      return { words: `${act.name} is muted. They can open their microphone again.`, undo: null };
    case "mute-all":
      return { words: "Everybody is muted. They can open their microphones again.", undo: null };
    case "lift":
      return { words: `${act.name} can come back.`, undo: null };
    default:
      return null;
  }
}

function words(error: unknown, act: PeopleAct): string {
  const isGone = error instanceof ApiProblem && error.code === "not_found";
  if (!isGone) return sentence(error);
  return act.is === "mute" || act.is === "mute-all"
    ? "There is no open microphone to mute."
    : "They are no longer there.";
}
