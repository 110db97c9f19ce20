import { ConfigError } from "../../config-error.js";
import { origin, type ReadText, secret } from "../../config-values.js";

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

/** Reads CONFERENCE and the MIROTALK_ variables; null: the built-in conference. */
export function readMiroTalk(text: ReadText): MiroTalkConfig | null {
  const kind = text("CONFERENCE") ?? "builtin";
  if (kind === "builtin") return null;
  if (kind !== "mirotalk") throw new ConfigError("CONFERENCE", kind, "builtin or mirotalk");
  const originOf = (name: string): string =>
    origin(name, text(name) ?? "", "https://video.colourstream.example.org");
  const secretOf = (name: string): string => secret(name, text(name), ", as CONFERENCE is mirotalk");
  return {
    url: originOf("MIROTALK_URL"),
    apiUrl: originOf("MIROTALK_API_URL"),
    apiKey: secretOf("MIROTALK_API_KEY"),
    jwtKey: secretOf("MIROTALK_JWT_KEY"),
    username: text("MIROTALK_USERNAME") ?? "colourstream",
    password: secretOf("MIROTALK_PASSWORD"),
  };
}
