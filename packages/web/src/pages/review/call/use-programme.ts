import { useEffect } from "react";
import type { Call, CallView } from "../../../conference/call.js";
import type { CallPreferences } from "../../../conference/preferences.js";
import type { RoomPlayer } from "../use-player.js";

type About = { call: Call; view: CallView; player: RoomPlayer; preferences: CallPreferences };

/** The programme and the call share a line and a pair of ears: the picture comes first, the sound steps back. */
export function useProgramme({ view, player, preferences }: About) {
  const { setGain, setDelay } = player.sound;
  const isSilent = preferences.suite && view.self.sending.mic;
  useEffect(() => setGain(isSilent ? 0 : 1), [setGain, isSilent]);
  useEffect(() => () => setGain(1), [setGain]);
  useEffect(() => setDelay(preferences.soundDelayMs), [setDelay, preferences.soundDelayMs]);
}
