/** What a client said about where it wants to publish. */
export type PublishTarget = {
  /** The connect command's `app`, or the path of tcUrl where it is missing. */
  readonly app: string;
  /** The name in the publish command. */
  readonly name: string;
};

/**
 * Finds the stream key in what encoders make of "server" and "key": `live` + KEY as it should be; KEY with `?query`;
 * the name empty and the key at the end of the app, with or without trailing slash; quotes from copying; `?key=KEY`.
 * Empty when there is none.
 */
export function streamKey(target: PublishTarget): string {
  const name = unquoted(target.name);
  const app = unquoted(target.app);
  return lastSegment(name) || keyInQuery(name) || keyInQuery(app) || lastSegment(app);
}

/** The app part of a tcUrl such as `rtmp://host:1935/live/`; empty when it has none. */
export function appOfUrl(tcUrl: string): string {
  const match = /^"?rtmp[a-z]*:\/\/[^/]*\/(.*)$/i.exec(tcUrl.trim());
  return match?.[1] ?? "";
}

function unquoted(text: string): string {
  return text
    .trim()
    .replace(/^["']+|["']+$/g, "")
    .trim();
}

function lastSegment(text: string): string {
  const path = text.split("?")[0] ?? "";
  const segments = path.split("/").filter((segment) => segment !== "");
  return unquoted(segments.at(-1) ?? "");
}

function keyInQuery(text: string): string {
  const at = text.indexOf("?");
  return at < 0 ? "" : unquoted(new URLSearchParams(text.slice(at + 1)).get("key") ?? "");
}
