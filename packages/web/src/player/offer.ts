/** Offers this extension, which browsers know and leave out; the engine puts the frame's arrival time into it. */
const ABS_CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

/** A peer connection that takes a picture and sound, and whose offer is being made. */
export type Offered = {
  readonly peer: RTCPeerConnection;
  readonly video: RTCRtpTransceiver;
  readonly sound: RTCRtpTransceiver;
  /** The offer is the peer's local description. */
  readonly ready: Promise<void>;
};

/**
 * Makes a peer connection and its offer. Candidates are gathered meanwhile and not waited for: the server learns our
 * addresses from our checks (RFC 8445 §7.3.1.3), relayed ones too.
 */
export function makeOffer(iceServers: readonly Readonly<RTCIceServer>[]): Offered {
  const peer = new RTCPeerConnection({
    iceServers: iceServers.map((server) => ({ ...server })),
    bundlePolicy: "max-bundle",
  });
  const video = peer.addTransceiver("video", { direction: "recvonly" });
  const sound = peer.addTransceiver("audio", { direction: "recvonly" });
  for (const transceiver of [video, sound]) offerCaptureTime(transceiver);
  const ready = describe(peer);
  ready.catch(() => {}); // told to whoever awaits it; of an offer that nobody takes, nobody wants to know
  return { peer, video, sound, ready };
}

async function describe(peer: RTCPeerConnection): Promise<void> {
  const offer = await peer.createOffer();
  await peer.setLocalDescription({ type: "offer", sdp: askForStereo(offer.sdp ?? "") });
}

type ExtensionControl = { uri: string; direction: RTCRtpTransceiverDirection };
type WithExtensions = RTCRtpTransceiver & {
  getHeaderExtensionsToNegotiate?: () => ExtensionControl[];
  setHeaderExtensionsToNegotiate?: (extensions: ExtensionControl[]) => void;
};

/** W3C webrtc-extensions §5; in Chromium, not yet in Safari and Firefox, where the latency then stays unknown. */
function offerCaptureTime(transceiver: WithExtensions) {
  const known = transceiver.getHeaderExtensionsToNegotiate?.();
  if (known === undefined) return;
  transceiver.setHeaderExtensionsToNegotiate?.(
    known.map(({ uri, direction }) => ({
      uri,
      direction: uri === ABS_CAPTURE_TIME ? "sendrecv" : direction,
    })),
  );
}

/**
 * Asks for stereo in our own offer: Chromium plays Opus in mono unless the offer's fmtp says `stereo=1`
 * (RFC 7587 §6.1), whatever the answer says. Safari and Firefox take it without harm.
 */
export function askForStereo(sdp: string): string {
  const payloadTypes = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2\r?$/gim)].map((match) => match[1]);
  return payloadTypes.reduce<string>((offer, payloadType) => {
    const fmtp = new RegExp(`^(a=fmtp:${payloadType} )([^\\r\\n]*)`, "m");
    return offer.replace(fmtp, (line, head: string, parameters: string) =>
      /(^|;)\s*stereo=/.test(parameters) ? line : `${head}${parameters};stereo=1`,
    );
  }, sdp);
}

/** RTP's playout delay, which says how long a frame may be held before it is shown. */
const PLAYOUT_DELAY = /^a=extmap:.*\/playout-delay\b.*\r?\n/gm;

/** As if the playout delay were not known: the browser then holds frames as its line needs it. */
export function withoutPlayoutDelay(sdp: string): string {
  return sdp.replace(PLAYOUT_DELAY, "");
}
