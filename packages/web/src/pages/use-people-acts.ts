import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiProblem, api } from "../api/call.js";
import { peopleQuery, roomQuery, sentence } from "../api/queries.js";

/** What a host does with somebody in the room or before it, or with its door. */
export type PeopleAct =
  | { readonly is: "admit" | "refuse"; readonly id: string }
  | { readonly is: "remove"; readonly id: string; readonly revokeInvitation: boolean }
  | { readonly is: "lock" | "unlock" };

/** A host's acts. What they change comes back as the room's news. */
export function usePeopleActs(roomId: string) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (asked: PeopleAct) => send(roomId, asked),
    // The news may be on its way; this also covers a page whose connection is away.
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: peopleQuery(roomId).queryKey }),
        client.invalidateQueries({ queryKey: roomQuery(roomId).queryKey }),
      ]),
  });
  return {
    do: act.mutate,
    reset: act.reset,
    isBusyWith: (id: string) => act.isPending && "id" in act.variables && act.variables.id === id,
    isBusyWithLock: act.isPending && !("id" in act.variables),
    error: act.isError ? words(act.error) : null,
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
        ...(asked.revokeInvitation ? { query: { revokeInvitation: true } } : {}),
      });
    case "lock":
    case "unlock":
      return api("lockRoom", { params: { roomId }, body: { locked: asked.is === "lock" } });
  }
}

function words(error: unknown): string {
  const isGone = error instanceof ApiProblem && error.code === "not_found";
  return isGone ? "They are no longer there." : sentence(error);
}
