/** What a URL of OvenMediaEngine's names: `scheme://host[:port]/app/stream[/file][?query]`. */
export type OmeUrl = {
  readonly scheme: string;
  /** With the port, where there is one. Over SRT's short form it is the virtual host's name. */
  readonly host: string;
  readonly app: string;
  readonly stream: string;
  /** With its slash; empty: none. */
  readonly file: string;
  readonly query: URLSearchParams;
};

const LONGEST = 2_048;
/** What OvenMediaEngine reads from the address after it was renamed; a token in an encoder's address is not. */
const KEPT_QUERY = ["direction", "transport"] as const;

/** Null: it is none of an application's streams. */
export function parseOmeUrl(text: string): OmeUrl | null {
  if (text.length > LONGEST) return null;
  const [, scheme, host, app, name, file = "", query = ""] =
    /^([a-z]+):\/\/([^/?#]+)\/([^/?#]+)\/([^/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(text) ?? [];
  if (scheme === undefined || host === undefined || app === undefined || name === undefined) return null;
  const stream = decoded(name);
  if (stream === null) return null;
  return { scheme, host, app, stream, file, query: new URLSearchParams(query) };
}

/** The same address with another stream in it (`new_url`): what opened it is gone from it. */
export function renameStream(url: OmeUrl, app: string, stream: string): string {
  const kept = new URLSearchParams();
  for (const name of KEPT_QUERY) {
    const value = url.query.get(name);
    if (value !== null) kept.set(name, value);
  }
  const query = kept.size === 0 ? "" : `?${kept}`;
  return `${url.scheme}://${url.host}/${app}/${stream}${url.file}${query}`;
}

/** SRT's streamid arrives percent-encoded from encoders that encode all of it; a name may hold `?` then. */
function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name).split("?")[0] ?? null;
  } catch {
    return null;
  }
}
