import type { StreamStatus } from "@colourstream/contract";
import type { StreamState } from "./viewer.js";

/** What the viewer goes by: an encoder whose picture is not described yet has nothing to connect to (WHEP answers 409). */
export function streamStateOf(stream: Pick<StreamStatus, "state" | "video"> | null): StreamState {
  if (stream === null) return null;
  return stream.video === null ? "interrupted" : stream.state;
}
