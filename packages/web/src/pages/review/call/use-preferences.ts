import { useCallback, useState } from "react";
import { type CallPreferences, readPreferences, writePreferences } from "../../../conference/preferences.js";

/** What was chosen for calls on this machine, and how it is changed. */
export function usePreferences() {
  const [preferences, setPreferences] = useState<CallPreferences>(readPreferences);
  const change = useCallback(
    (next: Partial<CallPreferences>) =>
      setPreferences((before) => {
        const changed = { ...before, ...next };
        writePreferences(changed);
        return changed;
      }),
    [],
  );
  return { preferences, change };
}
