import { isIP } from "node:net";

/** RFC 8839 §5.1: foundation, component, transport, priority, address, port, "typ", type, extensions. */
const CANDIDATE =
  /^([A-Za-z0-9+/]{1,32}) 1 (udp|UDP) (\d{1,10}) ([0-9A-Fa-f.:]{2,45}) (\d{1,5}) typ (host|srflx|prflx|relay)\b/;

/**
 * A viewer's candidate that we would send checks to, rewritten from its checked parts; null for the others: TCP, second
 * components, and names, which the engine will not look up for a stranger (RFC 8828's `.local` ones mean nothing here).
 */
export function usableCandidate(text: string): string | null {
  const [, foundation, , priority, address = "", port, type] = CANDIDATE.exec(text) ?? [];
  if (foundation === undefined || isIP(address) === 0) return null;
  if (Number(port) < 1 || Number(port) > 65_535 || Number(priority) >= 2 ** 31) return null;
  return `candidate:${foundation} 1 UDP ${priority} ${address} ${port} typ ${type}`;
}

/** RFC 8445 §5.1.2.1: host candidates, the first one preferred. */
export function hostCandidate(address: string, port: number, index = 0): string {
  const priority = 126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
  return `${index + 1} 1 UDP ${priority} ${address} ${port} typ host`;
}
