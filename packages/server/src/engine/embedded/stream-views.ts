import type { StreamStatus } from "@colourstream/contract";
import type { EngineStream } from "@colourstream/media";
import type { EngineTake } from "../engine.js";

/** One publish, as the product notes it. */
export function takeFrom(roomId: string, { take, sinceAt, source }: EngineStream): EngineTake {
  return { id: take, roomId, sinceAt, protocol: source?.protocol ?? null, encoder: source?.encoder ?? null };
}

/** What people may know of a stream: neither its name in the engine nor the encoder's address. */
export function statusFrom({
  stream: _name,
  source,
  warnings,
  notices,
  ...shown
}: EngineStream): StreamStatus {
  return {
    ...shown,
    source: source === null ? null : { protocol: source.protocol, encoder: source.encoder },
    warnings: [...warnings],
    notices: [...notices],
  };
}
