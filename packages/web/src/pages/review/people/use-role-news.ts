import type { ReviewRoom, SeatRole } from "@colourstream/contract";
import { useEffect, useRef } from "react";
import { ROLE_WORDS } from "../../role-words.js";

const MAY_NOW: Record<SeatRole, string> = {
  presenter: "You can let people in, send them out and lock the room.",
  reviewer: "You take part in the review.",
  observer: "You watch and listen.",
};

/** Tells once what we are, after a host has changed it. */
export function useRoleNews({ participant: { role } }: ReviewRoom, tell: (text: string) => void) {
  const before = useRef(role);
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    if (before.current === role) return;
    before.current = role;
    latest.current(`You are ${ROLE_WORDS[role].name.toLowerCase()} now. ${MAY_NOW[role]}`);
  }, [role]);
}
