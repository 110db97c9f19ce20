import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { lookup } from "node:dns";
import { isIP } from "node:net";

/** One or two UDP sockets on the same port: IPv4, and IPv6 where the machine has it. */
export type UdpSockets = {
  readonly port: number;
  /** What the kernel holds for us while we are busy, in bytes: less than asked for where the system limits it. */
  readonly receiveBufferBytes: number;
  send(bytes: Uint8Array, to: UdpPeer): void;
  close(): Promise<void>;
};

/** Where a datagram came from: the address as written, and which socket. */
export type UdpPeer = { readonly address: string; readonly port: number; readonly family: "IPv4" | "IPv6" };

/** What the sockets are opened with. */
export type UdpSocketsOptions = {
  /** "0.0.0.0" opens "::" too. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly receiveBufferBytes: number;
  readonly onPacket: (bytes: Uint8Array, from: UdpPeer) => void;
  readonly onError: (error: Error) => void;
};

const EVERYWHERE = "0.0.0.0";

/** Codes of a machine without IPv6. */
const NO_IPV6: ReadonlySet<unknown> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL"]);

/** Opens them; rejects as `bind` does when the port is taken. */
export async function openUdpSockets(options: UdpSocketsOptions): Promise<UdpSockets> {
  const { host } = options;
  const isIPv6 = host.includes(":");
  const first = await open(options, isIPv6 ? "udp6" : "udp4", host, options.port);
  const port = first.address().port;
  const both = new Map([[first.address().family, first]]);
  if (host === EVERYWHERE) {
    try {
      const second = await open(options, "udp6", "::", port);
      both.set(second.address().family, second);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && NO_IPV6.has(error.code))) {
        first.close();
        throw error;
      }
    }
  }
  const sent = (error: Error | null) => {
    if (error !== null) options.onError(error);
  };
  return {
    port,
    receiveBufferBytes: Math.min(...[...both.values()].map(usableBuffer)),
    send(bytes, to) {
      both.get(to.family)?.send(bytes, to.port, to.address, sent);
    },
    async close() {
      await Promise.all([...both.values()].map((socket) => new Promise<void>((done) => socket.close(done))));
      both.clear();
    },
  };
}

/** Linux counts its own book-keeping as well and gives twice what can be used (socket(7), SO_RCVBUF). */
function usableBuffer(socket: Socket): number {
  return process.platform === "linux" ? socket.getRecvBufferSize() / 2 : socket.getRecvBufferSize();
}

function open(
  options: UdpSocketsOptions,
  type: "udp4" | "udp6",
  host: string,
  port: number,
): Promise<Socket> {
  const socket = createSocket({
    type,
    ...(type === "udp6" && { ipv6Only: true }),
    // Without this each datagram would wait a turn for the look-up of an address that is one already.
    lookup(name, options, found) {
      const family = isIP(name);
      if (family === 0) lookup(name, options, found);
      else found(null, name, family);
    },
  });
  socket.on("message", (bytes, from: RemoteInfo) => options.onPacket(bytes, from));
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      socket.on("error", options.onError);
      enlarge(socket, options.receiveBufferBytes);
      resolve(socket);
    });
  });
}

/** Linux gives what it allows; others refuse too large a wish. */
function enlarge(socket: Socket, bytes: number): void {
  for (let wish = bytes; wish >= 256 * 1024; wish /= 2) {
    try {
      socket.setRecvBufferSize(wish);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ERR_SOCKET_BUFFER_SIZE"))
        throw error;
    }
  }
}
