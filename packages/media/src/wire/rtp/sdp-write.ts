import type { SdpCodec, SdpMedia, SessionDescription } from "./sdp.js";

/** Writes a description; `sessionId` is any number that the session keeps (RFC 8866 §5.2). */
export function writeSdp(description: SessionDescription, sessionId: number): string {
  const lines = ["v=0", `o=- ${sessionId} 1 IN IP4 0.0.0.0`, "s=-", "t=0 0"];
  if (description.bundle.length > 0) lines.push(`a=group:BUNDLE ${description.bundle.join(" ")}`);
  for (const media of description.media) writeMedia(media, lines);
  return `${lines.join("\r\n")}\r\n`;
}

function writeMedia(media: SdpMedia, lines: string[]): void {
  lines.push(`m=${media.kind} ${media.port} ${media.protocol} ${media.formats.join(" ")}`);
  lines.push("c=IN IP4 0.0.0.0", `a=mid:${media.mid}`, `a=${media.direction}`);
  if (media.iceUfrag !== null) lines.push(`a=ice-ufrag:${media.iceUfrag}`);
  if (media.icePwd !== null) lines.push(`a=ice-pwd:${media.icePwd}`);
  if (media.fingerprint !== null) {
    lines.push(`a=fingerprint:${media.fingerprint.algorithm} ${media.fingerprint.value}`);
  }
  if (media.setup !== null) lines.push(`a=setup:${media.setup}`);
  if (media.hasRtcpMux) lines.push("a=rtcp-mux");
  if (media.hasReducedRtcp) lines.push("a=rtcp-rsize");
  for (const { id, uri } of media.extensions) lines.push(`a=extmap:${id} ${uri}`);
  for (const codec of media.codecs) writeCodec(codec, lines);
  if (media.msid !== null) lines.push(`a=msid:${media.msid}`);
  for (const { semantics, ssrcs } of media.ssrcGroups) {
    lines.push(`a=ssrc-group:${semantics} ${ssrcs.join(" ")}`);
  }
  for (const { ssrc, cname } of media.ssrcs) lines.push(`a=ssrc:${ssrc} cname:${cname}`);
  for (const candidate of media.candidates) lines.push(`a=candidate:${candidate}`);
  // RFC 8840 §4.1: nothing more comes, the answer has them all.
  if (media.candidates.length > 0) lines.push("a=end-of-candidates");
}

function writeCodec(codec: SdpCodec, lines: string[]): void {
  const { payloadType, name, clockRate, channels } = codec;
  lines.push(`a=rtpmap:${payloadType} ${name}/${clockRate}${channels === null ? "" : `/${channels}`}`);
  for (const feedback of codec.feedback) lines.push(`a=rtcp-fb:${payloadType} ${feedback}`);
  const parameters = [...codec.parameters].map(([key, value]) => (value === "" ? key : `${key}=${value}`));
  if (parameters.length > 0) lines.push(`a=fmtp:${payloadType} ${parameters.join(";")}`);
}
