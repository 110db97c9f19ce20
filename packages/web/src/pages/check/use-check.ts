import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { readAbilities } from "../../player/suits.js";
import { lookAtCodecs, lookAtScreen, lookAtSound } from "./look.js";
import { measureLine } from "./measure-line.js";
import type { CheckResults, PictureResult } from "./results.js";
import { tryPicture } from "./try-picture.js";

/** Where the check is. */
export type CheckState =
  | { readonly is: "asking" }
  | { readonly is: "picture" }
  | { readonly is: "line"; readonly bitsPerSecond: number | null }
  | { readonly is: "done"; readonly results: CheckResults; readonly at: Date }
  | { readonly is: "failed"; readonly message: string };

/** Checks the connection when the page opens, and again on demand; leaving the page ends it. */
export function useCheck(roomId: string | null) {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<CheckState>({ is: "asking" });
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` begins anew
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    setState({ is: "asking" });
    check(roomId, video.current, signal, (next) => {
      if (!signal.aborted) setState(next);
    }).catch((error: unknown) => {
      if (signal.aborted) return;
      if (!(error instanceof ApiProblem)) throw error;
      setState({ is: "failed", message: sentence(error) });
    });
    return () => abort.abort(new Error("the page was left"));
  }, [roomId, round]);

  return { video, state, again: useCallback(() => setRound((before) => before + 1), []) };
}

async function check(
  roomId: string | null,
  video: HTMLVideoElement | null,
  signal: AbortSignal,
  tell: (state: CheckState) => void,
): Promise<void> {
  const codecs = lookAtCodecs(readAbilities());
  const soundStarts = lookAtSound();
  const screen = lookAtScreen();
  const begun = await api("beginCheck", { body: roomId === null ? {} : { roomId }, signal });

  tell({ is: "picture" });
  const away: PictureResult = { is: "not-tried", reason: "the media engine is restarting." };
  // One after the other: the picture and the measure would slow each other.
  const picture =
    begun.ticket === null || video === null ? away : await tryPicture(begun.ticket, video, signal);

  tell({ is: "line", bitsPerSecond: null });
  const { bitsPerSecond: needed, isOfRoom } = begun;
  const rate = await measureLine(needed, (bitsPerSecond) => tell({ is: "line", bitsPerSecond }), signal);
  const line = { bitsPerSecond: rate, neededBitsPerSecond: needed, isOfRoom };
  tell({ is: "done", results: { picture, line, codecs, soundStarts, screen }, at: new Date() });
}
