import { isIP, SocketAddress } from "node:net";

/** An address or a net of them: its first address as bytes (4 or 16), and how many bits are the net's. */
export type IpNet = { readonly bytes: Uint8Array; readonly prefix: number };

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]; // RFC 4291 §2.5.5.2: IPv4 inside IPv6
const HOUSEHOLD_BITS = 64; // RFC 6177 §2: one subscriber has all of a /64 to himself

/** Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/48`; IPv4 inside IPv6 is IPv4. Null for anything else. */
export function parseNet(text: string): IpNet | null {
  const [address = "", bits, ...more] = text.trim().split("/");
  if (more.length > 0) return null;
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return null;
  const all = family === 4 ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > all)) return null;
  const net = { bytes: bytesOf(address, family), prefix: bits === undefined ? all : Number(bits) };
  if (family === 6 && net.prefix >= 96 && MAPPED.every((byte, at) => net.bytes[at] === byte))
    return masked({ bytes: net.bytes.slice(12), prefix: net.prefix - 96 });
  return masked(net);
}

/** The shortest form: one address without its prefix, IPv6 as RFC 5952 has it. */
export function writeNet({ bytes, prefix }: IpNet): string {
  const address = bytes.length === 4 ? bytes.join(".") : writeV6(bytes);
  return prefix === bytes.length * 8 ? address : `${address}/${prefix}`;
}

/** True when every address of `inner` is one of `outer`. */
export function holds(outer: IpNet, inner: IpNet): boolean {
  if (outer.bytes.length !== inner.bytes.length || outer.prefix > inner.prefix) return false;
  return masked({ bytes: inner.bytes, prefix: outer.prefix }).bytes.every(
    (byte, at) => outer.bytes[at] === byte,
  );
}

/** True when they have an address in common. */
export function overlap(a: IpNet, b: IpNet): boolean {
  return holds(a, b) || holds(b, a);
}

/** What counts as one peer: an IPv4 address, or the /64 that an IPv6 address is in. What is no address stays as it is. */
export function household(address: string): string {
  const net = parseNet(address.split("%")[0] ?? "");
  if (net === null) return address;
  return writeNet(net.bytes.length === 4 ? net : masked({ bytes: net.bytes, prefix: HOUSEHOLD_BITS }));
}

/** The net around an address, for a log: tells providers apart and nobody in them. What is no address is not told. */
export function neighbourhood(address: string): string {
  const net = parseNet(address.split("%")[0] ?? "");
  if (net === null) return "unknown";
  return writeNet(masked({ bytes: net.bytes, prefix: net.bytes.length === 4 ? 24 : 48 }));
}

function masked({ bytes, prefix }: IpNet): IpNet {
  const kept = bytes.map((byte, at) => {
    const bits = Math.min(8, Math.max(0, prefix - at * 8));
    return byte & (0xff00 >> bits) & 0xff;
  });
  return { bytes: kept, prefix };
}

function bytesOf(address: string, family: number): Uint8Array {
  if (family === 4) return Uint8Array.from(address.split(".").map(Number));
  // `::ffff:203.0.113.7` ends in an IPv4 address: its two groups are written as such first.
  const groupsOnly = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...four: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = four.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = groupsOnly.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return Uint8Array.from(
    [...before, ...zeros, ...after].flatMap((group) => {
      const word = Number.parseInt(group, 16);
      return [word >> 8, word & 0xff];
    }),
  );
}

function writeV6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}
