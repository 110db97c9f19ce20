/** From where a phone opens a link: from nowhere but this machine itself, in the machine's own network, or anywhere. */
export type Reach = "this-machine" | "network" | "anywhere";

const THIS_MACHINE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** Addresses of private networks (RFC 1918, RFC 3927, RFC 4193, RFC 4291 §2.5.6) and names that only they know (RFC 6762). */
const NETWORK =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[f[cd]|\[fe[89ab]|[^.:]+$|.+\.(local|lan|home\.arpa|internal)$)/;

/** Judges a link by its host alone: what else stands between a phone and it, nobody knows from here. */
export function reachOf(link: string): Reach {
  const { hostname } = new URL(link);
  if (THIS_MACHINE.test(hostname) || hostname.endsWith(".localhost")) return "this-machine";
  return NETWORK.test(hostname) ? "network" : "anywhere";
}
