import type { Recording } from "@colourstream/contract";
import { Tag } from "../../ui/tag.js";
import { stateWords } from "./recording-words.js";

/** What is being done with a recording. Most are ready: that needs no sign. */
export function RecordingTag({ recording: { state } }: { recording: Recording }) {
  if (state === "ready") return null;
  return state === "recording" ? (
    <Tag look="live">{stateWords(state)}</Tag>
  ) : (
    <Tag look="outline">{stateWords(state)}</Tag>
  );
}
