import { useCallback, useState } from "react";
import { type CallPreferences, DEFAULT_PREFERENCES } from "../../../conference/preferences.js";

/** What was chosen for calls on this machine, and how it is changed. */
export function usePreferences() {
  const [preferences, setPreferences] = useState<CallPreferences>(DEFAULT_PREFERENCES);
  const change = useCallback(
    (next: Partial<CallPreferences>) => setPreferences((before) => ({ ...before, ...next })),
    [],
  );
  return { preferences, change };
}
