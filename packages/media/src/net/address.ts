import { isIPv6 } from "node:net";

/** An IPv4 address that came in over an IPv6 socket, as IPv4. */
export function plainAddress(address: string): string {
  return address.toLowerCase().startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/**
 * What budgets count by: the address, or for IPv6 its /64, because one subscriber has all of a /64 to himself
 * (RFC 6177 §2).
 */
export function budgetAddress(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  return `${groupsOf(plain)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The 4 or 16 bytes of an address as a socket tells it. */
export function addressBytes(address: string): Uint8Array {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return Uint8Array.from(plain.split("."), Number);
  return Uint8Array.from(groupsOf(plain).flatMap((group) => [group >> 8, group & 0xff]));
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups.map((group) => Number.parseInt(group, 16));
}
