import type { BodyOf, Room, routes } from "@colourstream/contract";
import { useEffect, useState } from "react";
import { useChangeRoom } from "./use-change-room.js";

const SAID_FOR_MS = 4_000;

/** For a card whose switches are saved as they are moved: `saved` is what to say of the last one, for a moment. */
export function useSavedChange(room: Room) {
  const [saved, setSaved] = useState("");
  const change = useChangeRoom(room, () => {});
  useEffect(() => {
    if (saved === "") return;
    const timer = setTimeout(() => setSaved(""), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [saved]);
  const save = (body: BodyOf<(typeof routes)["changeRoom"]>, said: string) =>
    change.mutate(body, { onSuccess: () => setSaved(said) });
  /** What was asked for and is not answered yet: the switch shows it at once. */
  const asked = change.isPending ? change.variables : {};
  return { change, saved, setSaved, save, asked };
}
