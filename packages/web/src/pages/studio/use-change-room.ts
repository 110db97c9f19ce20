import type { BodyOf, Room, routes } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/call.js";
import { keepRoom } from "../../api/queries.js";

/** Changes a room and shows it as the server then has it. */
export function useChangeRoom(room: Room, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyOf<(typeof routes)["changeRoom"]>) =>
      api("changeRoom", { params: { roomId: room.id }, body }),
    onSuccess: (changed) => {
      keepRoom(client, changed);
      onDone();
    },
  });
}
