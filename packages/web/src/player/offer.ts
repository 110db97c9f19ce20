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
