/** Whose page it is, in which meeting. */
export type FrameParts = {
  /** MiroTalk's origin. */
  readonly origin: string;
  /** The meeting's name. */
  readonly meeting: string;
  /** What the others see under the picture. */
  readonly name: string;
  readonly token: string;
};

/**
 * MiroTalk's page for one person. Every parameter is given: with one missing it asks in a lobby of its own. Microphone,
 * camera and screen are off; `hide`: one's own picture, `notify`: its invitation to share the address.
 */
export function frameAddress({ origin, meeting, name, token }: FrameParts): string {
  const parameters = {
    room: meeting,
    name,
    avatar: "0",
    audio: "0",
    video: "0",
    screen: "0",
    chat: "0",
    hide: "0",
    notify: "0",
    duration: "unlimited",
    token,
  };
  // By %20 and not by +: it is read by more than one parser over there.
  const query = Object.entries(parameters).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return `${origin}/join?${query.join("&")}`;
}
