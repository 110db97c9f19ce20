import type { Sending } from "@colourstream/contract";

/** Somebody in a meeting, as MiroTalk lists them. */
export type MeetingPeer = {
  readonly name: string;
  /** By their token, or because they were the first. */
  readonly isPresenter: boolean;
  readonly sending: Sending;
};

/** Who is in which meeting, by the meeting's name. Those in it are in the order in which they came. */
export type Meetings = ReadonlyMap<string, readonly MeetingPeer[]>;

type Fields = Readonly<Record<string, unknown>>;

/** The answer of GET /api/v1/meetings. A locked meeting holds its password beside its peers: it is not read. */
export function parseMeetings(text: string): Meetings {
  const body: unknown = JSON.parse(text);
  const meetings = isFields(body) ? body["meetings"] : undefined;
  if (!isFields(meetings))
    throw new Error(`MiroTalk's list of meetings is not {"meetings":{…}} but ${text.slice(0, 80)}`);
  return new Map(
    Object.entries(meetings).map(([name, peers]) => [
      name,
      isFields(peers) ? Object.values(peers).flatMap((peer) => (isFields(peer) ? [peerFrom(peer)] : [])) : [],
    ]),
  );
}

/** `peer_audio`: it has a microphone at all; `peer_audio_status`: it is on. */
function peerFrom(peer: Fields): MeetingPeer {
  const is = (name: string): boolean => peer[name] === true;
  const name = peer["peer_name"];
  return {
    name: typeof name === "string" ? name : "",
    isPresenter: is("peer_presenter"),
    sending: {
      mic: is("peer_audio") && is("peer_audio_status"),
      camera: is("peer_video") && is("peer_video_status"),
      screen: is("peer_screen_status"),
      side: false, // MiroTalk has no sides
    },
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
