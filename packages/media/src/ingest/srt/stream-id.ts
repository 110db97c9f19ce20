/** What an SRT caller wants, by its streamid. */
export type StreamRequest =
  | { readonly is: "publish"; readonly key: string; readonly encoder: string | null }
  | { readonly is: "refused"; readonly why: "no-key" | "wants-to-watch" };

/** The SRT Access Control guidelines' form: `#!::` and then `name=value` pairs. */
const PAIRS = "#!::";

/**
 * Finds the stream key in a streamid: `KEY`; `publish:KEY`; `#!::r=KEY,m=publish,…` with names that nobody knows, such
 * as Blackmagic's `bmd_uuid` and `bmd_name`; each also in quotes or url-encoded. Who says no mode publishes.
 */
export function readStreamId(streamId: string): StreamRequest {
  const text = unquoted(decoded(unquoted(streamId)));
  if (text.startsWith(PAIRS)) return fromPairs(text.slice(PAIRS.length));
  const [, word, rest] = /^([a-z]+):(.*)$/is.exec(text) ?? [];
  if (word === undefined) return publish(text, null);
  const mode = word.toLowerCase();
  if (mode === "publish") return publish(rest ?? "", null);
  if (isWatching(mode)) return { is: "refused", why: "wants-to-watch" };
  return publish(text, null);
}

function fromPairs(text: string): StreamRequest {
  const pairs = new Map<string, string>();
  for (const pair of text.split(",")) {
    const at = pair.indexOf("=");
    if (at > 0) pairs.set(pair.slice(0, at).trim().toLowerCase(), unquoted(pair.slice(at + 1)));
  }
  const mode = (pairs.get("m") ?? "publish").toLowerCase();
  if (isWatching(mode)) return { is: "refused", why: "wants-to-watch" };
  return publish(pairs.get("r") ?? "", pairs.get("bmd_name") ?? null);
}

/** "bidirectional" may publish; what else there is only takes. */
function isWatching(mode: string): boolean {
  return ["request", "read", "play"].includes(mode);
}

function publish(key: string, encoder: string | null): StreamRequest {
  const trimmed = unquoted(key);
  if (trimmed === "") return { is: "refused", why: "no-key" };
  return { is: "publish", key: trimmed, encoder: encoder === null ? null : encoder.slice(0, 100) || null };
}

function unquoted(text: string): string {
  return text
    .trim()
    .replace(/^["']+|["']+$/g, "")
    .trim();
}

/** Some encoders send the streamid as it stood in the URL. */
function decoded(text: string): string {
  if (!/%[0-9a-f]{2}/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text; // a percent sign that means itself
    throw error;
  }
}
