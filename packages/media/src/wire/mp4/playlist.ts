/** A partial segment (draft-pantos-hls-rfc8216bis §4.4.4.9). */
export type PlaylistPart = {
  readonly uri: string;
  readonly seconds: number;
  /** A decoder can start with it. */
  readonly isIndependent: boolean;
};

/** A segment, or the one under way when it has no `uri` yet. */
export type PlaylistSegment = {
  readonly uri: string | null;
  readonly seconds: number;
  /** Wall clock of its first picture, milliseconds since 1970. */
  readonly beganAt: number;
  /** Its times or its format do not follow from the one before. */
  readonly isDiscontinuous: boolean;
  /** The initialisation segment that goes before it. */
  readonly map: string;
  /** Listed near the live edge only; older segments have none. */
  readonly parts: readonly PlaylistPart[];
};

/** A live playlist as it stands. */
export type MediaPlaylist = {
  readonly targetSeconds: number;
  readonly partTargetSeconds: number;
  /** How far behind the last part a player stays. */
  readonly partHoldBackSeconds: number;
  /** Number of the first segment. */
  readonly mediaSequence: number;
  /** Discontinuities that have left the playlist. */
  readonly discontinuitySequence: number;
  readonly segments: readonly PlaylistSegment[];
  /** The part that comes next, which may be asked for already; null when none will. */
  readonly nextPart: string | null;
  readonly isEnded: boolean;
};

/** The tags are of this version (RFC 8216bis §8: 9 has EXT-X-SKIP, the youngest tag of low latency). */
const VERSION = 9;

/** A media playlist's text (RFC 8216bis §4.4). */
export function writeMediaPlaylist(playlist: MediaPlaylist): string {
  const { targetSeconds, partTargetSeconds, partHoldBackSeconds, nextPart } = playlist;
  const holdBack = partHoldBackSeconds.toFixed(3);
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${holdBack}`,
    `#EXT-X-PART-INF:PART-TARGET=${partTargetSeconds.toFixed(3)}`,
    `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`,
  ];
  let map: string | null = null;
  for (const segment of playlist.segments) {
    lines.push(...segmentLines(segment, map));
    map = segment.map;
  }
  if (playlist.isEnded) lines.push("#EXT-X-ENDLIST");
  else if (nextPart !== null) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${nextPart}"`);
  return `${lines.join("\n")}\n`;
}

function segmentLines(segment: PlaylistSegment, mapBefore: string | null): string[] {
  const lines: string[] = [];
  // Before the first segment of a playlist the tag still tells that it does not follow from what was dropped.
  if (segment.isDiscontinuous) lines.push("#EXT-X-DISCONTINUITY");
  if (segment.map !== mapBefore) lines.push(`#EXT-X-MAP:URI="${segment.map}"`);
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.beganAt).toISOString()}`);
  for (const { uri, seconds, isIndependent } of segment.parts) {
    const independent = isIndependent ? ",INDEPENDENT=YES" : "";
    lines.push(`#EXT-X-PART:DURATION=${seconds.toFixed(5)},URI="${uri}"${independent}`);
  }
  if (segment.uri !== null) lines.push(`#EXTINF:${segment.seconds.toFixed(5)},`, segment.uri);
  return lines;
}

/** The one way in which a stream is offered. */
export type Variant = {
  readonly uri: string;
  readonly peakBitsPerSecond: number;
  readonly averageBitsPerSecond: number;
  /** RFC 6381, of all tracks. */
  readonly codecs: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly frameRate: number | null;
  /** transfer_characteristics (ITU-T H.273); null: untagged. */
  readonly transfer: number | null;
};

/** A multivariant playlist's text (RFC 8216bis §4.4.6), by which a player decides before it loads anything. */
export function writeMultivariantPlaylist(variant: Variant): string {
  const { frameRate, transfer, codecs, width, height } = variant;
  const attributes = [
    `BANDWIDTH=${Math.round(variant.peakBitsPerSecond)}`,
    `AVERAGE-BANDWIDTH=${Math.round(variant.averageBitsPerSecond)}`,
    `CODECS="${codecs.join(",")}"`,
    `RESOLUTION=${width}x${height}`,
    ...(frameRate === null ? [] : [`FRAME-RATE=${frameRate.toFixed(3)}`]),
    `VIDEO-RANGE=${videoRangeOf(transfer)}`,
  ];
  return [
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-STREAM-INF:${attributes.join(",")}`,
    variant.uri,
    "",
  ].join("\n");
}

/** RFC 8216bis §4.4.6.2: by transfer characteristics 16 is PQ, 18 (and 14 in its guise, which says SDR) HLG. */
function videoRangeOf(transfer: number | null): "SDR" | "PQ" | "HLG" {
  if (transfer === 16) return "PQ";
  return transfer === 18 ? "HLG" : "SDR";
}
