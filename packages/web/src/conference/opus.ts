/**
 * What the other side's description is made to ask of our encoder (RFC 7587 §6.1): one channel, 32 kb/s, and next to
 * nothing while nobody speaks (discontinuous transmission).
 */
const ASKED: Readonly<Record<string, string>> = { usedtx: "1", stereo: "0", maxaveragebitrate: "32000" };

/** Writes what we want of Opus into a description that was received. */
export function askForSpeech(sdp: string): string {
  const types = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2\r?$/gim)].map((match) => match[1]);
  return types.reduce<string>((text, type) => {
    const line = new RegExp(`^a=fmtp:${type} ([^\\r\\n]*)`, "m");
    const written = (parameters: string) => `a=fmtp:${type} ${withAsked(parameters)}`;
    if (line.test(text)) return text.replace(line, (_line, parameters: string) => written(parameters));
    return text.replace(
      new RegExp(`^a=rtpmap:${type} .*$`, "m"),
      (rtpmap) => `${rtpmap.trimEnd()}\r\n${written("")}`,
    );
  }, sdp);
}

function withAsked(parameters: string): string {
  const kept = parameters
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one !== "" && !((one.split("=")[0] ?? "").toLowerCase() in ASKED));
  return [...kept, ...Object.entries(ASKED).map(([name, value]) => `${name}=${value}`)].join(";");
}
