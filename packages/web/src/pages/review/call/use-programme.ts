import { useEffect, useRef, useState } from "react";
import type { Call, CallView } from "../../../conference/call.js";
import { createDucker, type Ducker } from "../../../conference/ducker.js";
import type { CallPreferences } from "../../../conference/preferences.js";
import { createProtection, type ProtectionWatch } from "../../../conference/protection.js";
import { browserClock } from "../../../live/clock.js";
import type { RoomPlayer } from "../use-player.js";

type About = { call: Call; view: CallView; player: RoomPlayer; preferences: CallPreferences };

/** The programme and the call share a line and a pair of ears: the picture comes first, the sound steps back. */
export function useProgramme({ call, view, player, preferences }: About) {
  useProtection(call, view, player);
  useDucking(view, player, preferences);
  const { setDelay } = player.sound;
  useEffect(() => setDelay(preferences.soundDelayMs), [setDelay, preferences.soundDelayMs]);
}

function useProtection(call: Call, view: CallView, { measured, hasPicture }: RoomPlayer) {
  const watch = useRef<ProtectionWatch | null>(null);
  const { self, peers } = view;
  const isSending = self.sending.camera || self.sending.screen;
  const canHelp = isSending || peers.some(({ peer }) => peer.sending.camera || peer.sending.screen);
  const latest = useRef(canHelp);
  useEffect(() => {
    latest.current = canHelp;
  });
  useEffect(() => {
    if (measured === null) return;
    watch.current ??= createProtection(browserClock);
    call.protect(watch.current.onSecond(measured, latest.current));
  }, [call, measured]);
  useEffect(() => {
    if (hasPicture) return;
    watch.current = null;
    call.protect(0); // nothing to protect
  }, [call, hasPicture]);
}

function useDucking(view: CallView, { sound }: RoomPlayer, { ducks, duckDb, suite }: CallPreferences) {
  const { setGain } = sound;
  const [ducker, setDucker] = useState<Ducker | null>(null);
  const { isSomebodySpeaking } = view;
  const isMicOpen = view.self.sending.mic;
  useEffect(() => {
    const made = createDucker({ setGain, clock: browserClock });
    setDucker(made);
    return () => made.close();
  }, [setGain]);
  useEffect(() => {
    ducker?.hear({ isSomebodySpeaking, isMicOpen, ducks, duckDb, suite });
  }, [ducker, isSomebodySpeaking, isMicOpen, ducks, duckDb, suite]);
}
