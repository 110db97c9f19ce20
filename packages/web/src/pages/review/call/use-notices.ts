import { useEffect, useState } from "react";
import type { CallView } from "../../../conference/call.js";
import type { CallPreferences } from "../../../conference/preferences.js";
import { endWords, problemWords, protectionShort, protectionWords } from "./call-words.js";
import { hasHeadphonesRead, readHeadphones } from "./headphones.js";
import type { Notice } from "./notices.js";
import type { Mic } from "./use-mic.js";

const READ_FOR_MS = 10_000;
const MUTED_FOR_MS = 12_000; // long enough to be read; the crossed microphone stays

type About = {
  view: CallView;
  mic: Mic;
  preferences: CallPreferences;
  muteAllProblem: string | null;
  onMuteAllRead: () => void;
  /** A screen that is shared and not seen here. */
  share: { readonly name: string; readonly show: () => void } | null;
};

/** What the call has to say now, the most pressing first. */
export function useNotices(about: About): readonly Notice[] {
  const { view, mic, preferences, share } = about;
  const { self, mutedBy, protection } = view;
  const isLive = self.sending.mic;
  const [readProblem, setReadProblem] = useState<CallView["self"]["problem"]>(null);
  const [hasRead, setHasRead] = useState(hasHeadphonesRead);
  const isProtectionNew = useForAWhile(protection === 0 ? null : String(protection), READ_FOR_MS);
  const isMutedShown = useForAWhile(mutedBy, MUTED_FOR_MS);
  const notices: Notice[] = [];

  const ended = view.is === "out" ? endWords(view.ended) : null;
  if (ended !== null) notices.push({ id: view.ended === "full" ? "call-full" : "call-ended", words: ended });

  const { problem } = self;
  const words = problem === null ? null : problemWords(problem.device, problem.why);
  if (problem !== null && words !== null && problem !== readProblem) {
    notices.push({ id: "device-problem", words, onClose: () => setReadProblem(problem) });
  }
  if (mic.asksToLatch) {
    notices.push({
      id: "latch-question",
      words: "Leave the microphone open? The others hear the suite until you close it.",
      act: { words: "Leave it open", do: () => mic.latch(true) },
      onClose: mic.toggle,
    });
  }
  if (mutedBy !== null && isMutedShown) {
    notices.push({ id: "muted-by", words: `Muted by ${mutedBy}. Talk again when you are asked to.` });
  }
  if (isLive && self.isSilent) {
    notices.push({
      id: "you-are-silent",
      words:
        "Nobody hears you: the microphone is open, and no sound comes from it. Look for a switch on it, or choose another in the settings.",
    });
  }
  const said = isProtectionNew ? protectionWords(protection) : protectionShort(protection);
  const protectedWords = view.is === "in" ? said : null;
  if (protectedWords !== null) notices.push({ id: "protection", words: protectedWords });
  if (share !== null) {
    notices.push({
      id: "share-offered",
      words: `${share.name} shares a screen.`,
      act: { words: "Show it", do: share.show },
    });
  }
  if (isLive && !preferences.suite && !hasRead) {
    notices.push({
      id: "headphones",
      words: "Use headphones: without them the others hear the programme from your loudspeakers too.",
      onClose: () => {
        readHeadphones();
        setHasRead(true);
      },
    });
  }
  if (about.muteAllProblem !== null) {
    notices.push({ id: "mute-all-problem", words: about.muteAllProblem, onClose: about.onMuteAllRead });
  }
  return notices;
}

/** True for so long after the cause has come. */
function useForAWhile(cause: string | null, ms: number): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    setOver(false);
    if (cause === null) return;
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [cause, ms]);
  return !isOver;
}
