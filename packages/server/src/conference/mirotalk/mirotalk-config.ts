import { ConfigError } from "../../config-error.js";

/** A MiroTalk P2P server and the secrets that we share with it. */
export type MiroTalkConfig = {
  /** The origin that browsers open in a frame, such as https://video.colourstream.example.org. */
  readonly url: string;
  /** Where its REST API is asked, inside; without a slash at the end. */
  readonly apiUrl: string;
  /** API_KEY_SECRET: the raw `authorization` header. */
  readonly apiKey: string;
  /** JWT_KEY: what its tokens are signed and enciphered with. */
  readonly jwtKey: string;
  /** The one entry of its HOST_USERS. */
  readonly username: string;
  readonly password: string;
};

const SHORTEST_SECRET = 22; // 128 bits in base64url

/** Reads CONFERENCE and the MIROTALK_ variables; null: the built-in conference. */
export function readMiroTalk(text: (name: string) => string | null): MiroTalkConfig | null {
  const kind = text("CONFERENCE") ?? "builtin";
  if (kind === "builtin") return null;
  if (kind !== "mirotalk") throw new ConfigError("CONFERENCE", kind, "builtin or mirotalk");
  const origin = (name: string): string => {
    const value = text(name) ?? "";
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url === null || !["http:", "https:"].includes(url.protocol) || url.pathname !== "/")
      throw new ConfigError(name, value, "an origin such as https://video.colourstream.example.org");
    return url.origin;
  };
  const secret = (name: string): string => {
    const value = text(name);
    if (value === null || value.length < SHORTEST_SECRET)
      throw new ConfigError(
        name,
        "(hidden)",
        `${SHORTEST_SECRET} characters at least, as CONFERENCE is mirotalk`,
      );
    return value;
  };
  return {
    url: origin("MIROTALK_URL"),
    apiUrl: origin("MIROTALK_API_URL"),
    apiKey: secret("MIROTALK_API_KEY"),
    jwtKey: secret("MIROTALK_JWT_KEY"),
    username: text("MIROTALK_USERNAME") ?? "colourstream",
    password: secret("MIROTALK_PASSWORD"),
  };
}
