import type { Room } from "@colourstream/contract";
import { Tag } from "../../ui/tag.js";

/** Live, test signal, no frames, waiting for the encoder, archived or off. */
export function StateTag({ room }: { room: Room }) {
  const { stream } = room;
  if (room.archivedAt !== null) return <Tag look="outline">Archived</Tag>;
  if (stream === null) return <Tag look="outline">Off</Tag>;
  if (stream.state === "interrupted") return <Tag>Encoder away</Tag>;
  if (stream.state === "stalled") return <Tag>No frames</Tag>;
  return <Tag look="live">{stream.source?.protocol === "test-signal" ? "Live: test signal" : "Live"}</Tag>;
}
