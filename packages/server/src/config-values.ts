import { ConfigError } from "./config-error.js";

/** Reads a variable; null: it is unset or empty. */
export type ReadText = (name: string) => string | null;

const SHORTEST_SECRET = 22; // 128 bits in base64url

/** A whole number within its bounds. */
export function wholeNumber(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new ConfigError(name, value, `a whole number from ${least} to ${most}`);
  }
  return number;
}

/** A secret that nobody guesses, never repeated in the error. `because`: why it is wanted. */
export function secret(name: string, value: string | null, because = ""): string {
  if (value === null || value.length < SHORTEST_SECRET)
    throw new ConfigError(name, "(hidden)", `${SHORTEST_SECRET} characters at least${because}`);
  return value;
}

/** An http(s) address without a path, and without the slash at its end. */
export function origin(name: string, value: string, example: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.pathname !== "/")
    throw new ConfigError(name, value, `an origin such as ${example}`);
  return url.origin;
}
