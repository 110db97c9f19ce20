import { createDecipheriv, createHash, createHmac } from "node:crypto";
import type { Sending } from "@colourstream/contract";

/** What a token says, as MiroTalk reads it; throws when it would answer 401. */
export function readToken(token: string, jwtKey: string): { account: unknown; iat: number; exp: number } {
  const [head = "", body = "", signature = ""] = token.split(".");
  const expected = createHmac("sha256", jwtKey).update(`${head}.${body}`).digest("base64url");
  if (signature !== expected) throw new Error("invalid signature");
  const { data, iat, exp } = JSON.parse(Buffer.from(body, "base64url").toString()) as {
    data: string;
    iat: number;
    exp: number;
  };
  return { account: JSON.parse(decipher(Buffer.from(data, "base64"), jwtKey)), iat, exp };
}

/** CryptoJS's AES by a passphrase: the salt is in bytes 8 to 16, key and IV are three MD5 one over the other. */
function decipher(salted: Buffer, passphrase: string): string {
  const rounds: Buffer[] = [];
  for (let n = 0; n < 3; n++) {
    const over = [rounds.at(-1) ?? Buffer.alloc(0), Buffer.from(passphrase), salted.subarray(8, 16)];
    rounds.push(createHash("md5").update(Buffer.concat(over)).digest());
  }
  const [a, b, iv] = rounds as [Buffer, Buffer, Buffer];
  const way = createDecipheriv("aes-256-cbc", Buffer.concat([a, b]), iv);
  return Buffer.concat([way.update(salted.subarray(16)), way.final()]).toString();
}

/** Somebody in a meeting. */
export type MiroTalkPeer = { name: string; isPresenter: boolean; sending: Sending };

/** MiroTalk as its people and our driver meet it: who comes first presents, nobody is ever sent out. */
export type MiroTalkStandIn = {
  readonly rest: { meetings(): Promise<ReadonlyMap<string, readonly MiroTalkPeer[]>> };
  /** Nobody answers. */
  isAway: boolean;
  /** How often it was asked. */
  asked: number;
  /** Opens its page in a browser; `who` leaves where they were. */
  enter(who: string, url: string): void;
  leave(who: string): void;
  sends(who: string, sending: Partial<Sending>): void;
  /** The names of the meetings in which there is anybody. */
  meetings(): string[];
};

const SILENT = { mic: false, camera: false, screen: false, side: false };

export function createMiroTalkStandIn(jwtKey: string): MiroTalkStandIn {
  const rooms = new Map<string, Map<string, MiroTalkPeer>>();
  const leave = (who: string): void => {
    for (const [name, peers] of rooms) if (peers.delete(who) && peers.size === 0) rooms.delete(name);
  };
  const standIn: MiroTalkStandIn = {
    isAway: false,
    asked: 0,
    rest: {
      meetings: async () => {
        standIn.asked += 1;
        if (standIn.isAway) throw new Error("nobody answers");
        return new Map([...rooms].map(([name, peers]) => [name, structuredClone([...peers.values()])]));
      },
    },
    enter: (who, url) => {
      leave(who);
      const query = new URL(url, "http://localhost").searchParams;
      const { account } = readToken(query.get("token") ?? "", jwtKey) as { account: { presenter: string } };
      const name = query.get("room") ?? "";
      const peers = rooms.get(name) ?? new Map<string, MiroTalkPeer>();
      rooms.set(name, peers);
      const isPresenter = account.presenter === "true" || peers.size === 0;
      peers.set(who, { name: query.get("name") ?? "", isPresenter, sending: SILENT });
    },
    leave,
    sends: (who, sending) => {
      for (const peers of rooms.values()) {
        const peer = peers.get(who);
        if (peer !== undefined) peer.sending = { ...peer.sending, ...sending };
      }
    },
    meetings: () => [...rooms.keys()],
  };
  return standIn;
}
