import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createVirtualClock } from "../hub/fixtures/virtual-clock.js";
import { addressBytes } from "../net/address.js";
import type { StunAttribute } from "../wire/stun/attribute.js";
import { parseChannelData, writeChannelData } from "../wire/stun/channel-data.js";
import { attributeOf, isSignedBy, parseStun, STUN_METHOD, writeStun } from "../wire/stun/message.js";
import { MAX_ALLOCATIONS, MAX_CHANNELS, MAX_OF_USER, RELAYED_IP, type RelayClient } from "./allocations.js";
import { keyFor } from "./credentials.js";
import { accessFor, errorOf, signedRequest, UDP_TRANSPORT } from "./fixtures/turn-client.js";
import { createTurn } from "./turn.js";

const SECRET = "a secret of 22 letters";

function makeScene() {
  const clock = createVirtualClock();
  const turn = createTurn({ secret: SECRET, clock, random: randomBytes });
  let made = 0;

  /** A client at an address, with credentials for an hour. */
  const client = (address = "203.0.113.7", id = `p${made}`, isStream = false) => {
    const port = 1025 + made++;
    const got: Uint8Array[] = [];
    const held: boolean[] = [];
    const peer: RelayClient = {
      key: `${address} ${port}`,
      address,
      port,
      isStream,
      send: (bytes) => got.push(bytes.slice()),
      allocated: (hasOne) => held.push(hasOne),
    };
    let access = accessFor(SECRET, id, clock.wall() + 3_600_000);
    let nonce = "";
    const said = (bytes: Uint8Array) => {
      const before = got.length;
      turn.take(bytes, peer);
      return got[before];
    };
    const ask = (method: keyof typeof STUN_METHOD, attributes: readonly StunAttribute[] = []) => {
      const answer = said(signedRequest(STUN_METHOD[method], attributes, { ...access, nonce }));
      return answer === undefined ? null : parseStun(answer).message;
    };
    const learnNonce = () => {
      const answer = said(writeStun(plain("allocate", [UDP_TRANSPORT])));
      if (answer === undefined) throw new Error("no answer");
      const { message } = parseStun(answer);
      nonce = attributeOf(message, "nonce")?.text ?? "";
      return message;
    };
    return {
      peer,
      got,
      held,
      said,
      ask,
      learnNonce,
      access: () => access,
      nonce: () => nonce,
      useNonce: (used: string) => {
        nonce = used;
      },
      useAccess: (used: typeof access) => {
        access = used;
      },
      /** The relayed port. */
      allocate: (attributes: readonly StunAttribute[] = [UDP_TRANSPORT]): number => {
        if (nonce === "") learnNonce();
        const answer = ask("allocate", attributes);
        return (answer === null ? undefined : attributeOf(answer, "xor-relayed-address")?.port) ?? 0;
      },
    };
  };
  return { clock, turn, client };
}

const plain = (method: keyof typeof STUN_METHOD, attributes: readonly StunAttribute[] = []) =>
  ({
    method: STUN_METHOD[method],
    class: "request",
    transaction: new Uint8Array(12).fill(7),
    attributes,
  }) as const;

const peerAt = (port: number, ip: Uint8Array = RELAYED_IP[4]): StunAttribute => ({
  is: "xor-peer-address",
  ip,
  port,
});

const sendTo = (port: number, data: Uint8Array): Uint8Array =>
  writeStun({
    method: STUN_METHOD.send,
    class: "indication",
    transaction: new Uint8Array(12),
    attributes: [peerAt(port), { is: "data", data }],
  });

const WORD = Uint8Array.of(1, 2, 3);

test.each(["203.0.113.7", "2001:db8::42", "::ffff:198.51.100.9"])(
  "a binding request is told where it came from: %s",
  (address) => {
    const { client, turn } = makeScene();
    const answer = client(address).said(writeStun(plain("binding")));
    const { message } = parseStun(answer ?? new Uint8Array(0));
    expect(attributeOf(message, "xor-mapped-address")).toMatchObject({
      ip: addressBytes(address),
      port: 1025,
    });
    expect(answer?.length).toBeLessThanOrEqual(44); // 24 more than the shortest question there can be
    expect(turn.size()).toBe(0);
  },
);

test("an allocation takes credentials that are right and a nonce; both ends of it are told", () => {
  const { client, turn } = makeScene();
  const one = client();
  expect(errorOf(one.learnNonce())).toBe(401);
  expect(turn.size()).toBe(0);
  const answer = one.said(
    signedRequest(STUN_METHOD.allocate, [UDP_TRANSPORT], { ...one.access(), nonce: one.nonce() }),
  );
  const { message, integrityAt } = parseStun(answer ?? new Uint8Array(0));
  expect(message.class).toBe("success");
  expect(attributeOf(message, "xor-relayed-address")?.ip).toEqual(RELAYED_IP[4]);
  expect(attributeOf(message, "lifetime")?.seconds).toBe(600);
  expect(
    isSignedBy(keyFor(one.access().username, SECRET), answer ?? new Uint8Array(0), integrityAt ?? 0),
  ).toBe(true);
  expect([turn.size(), one.held]).toEqual([1, [true]]);
});

test.each<
  [
    string,
    number,
    (scene: ReturnType<typeof makeScene>) => ReturnType<ReturnType<typeof makeScene>["client"]>,
  ]
>([
  [
    "another secret",
    401,
    ({ client, clock }) => {
      const one = client();
      one.useAccess(accessFor("another secret of mine", "p", clock.wall() + 60_000));
      return one;
    },
  ],
  [
    "credentials of an hour ago",
    401,
    ({ client, clock }) => {
      const one = client();
      one.useAccess(accessFor(SECRET, "p", clock.wall() - 3_600_000));
      return one;
    },
  ],
  [
    "a user name that is none of ours",
    401,
    ({ client }) => {
      const one = client();
      one.useAccess({ username: "root", secret: SECRET });
      return one;
    },
  ],
])("no state for %s", (_what, code, make) => {
  const scene = makeScene();
  const one = make(scene);
  one.learnNonce();
  expect(errorOf(one.ask("allocate", [UDP_TRANSPORT]))).toBe(code);
  expect(scene.turn.size()).toBe(0);
});

test("a nonce is good at its own address and for an hour", () => {
  const { client, clock, turn } = makeScene();
  const [one, other] = [client("203.0.113.7"), client("203.0.113.8")];
  one.learnNonce();
  other.useNonce(one.nonce());
  expect(errorOf(other.ask("allocate", [UDP_TRANSPORT]))).toBe(438);
  one.useNonce(`${one.nonce().slice(0, -2)}AA`);
  expect(errorOf(one.ask("allocate", [UDP_TRANSPORT]))).toBe(438);
  one.learnNonce();
  clock.run(3_601_000);
  one.useAccess(accessFor(SECRET, "p", clock.wall() + 60_000));
  expect(errorOf(one.ask("allocate", [UDP_TRANSPORT]))).toBe(438);
  expect(turn.size()).toBe(0);
});

test("what is wrong with an Allocate request is told by its number", () => {
  const { client } = makeScene();
  const one = client();
  one.learnNonce();
  expect(errorOf(one.ask("allocate"))).toBe(400);
  expect(errorOf(one.ask("allocate", [{ is: "requested-transport", protocol: 6 }]))).toBe(442);
  const family = { is: "requested-address-family", family: 9 } as const;
  expect(errorOf(one.ask("allocate", [UDP_TRANSPORT, family]))).toBe(440);
  const evenPort = { is: "unknown", type: 0x0018, value: Uint8Array.of(0x80) } as const;
  const refused = one.ask("allocate", [UDP_TRANSPORT, evenPort]);
  expect([errorOf(refused), refused && attributeOf(refused, "unknown-attributes")?.types]).toEqual([
    420,
    [0x18],
  ]);
  for (const method of ["refresh", "createPermission", "channelBind"] as const)
    expect(errorOf(one.ask(method))).toBe(437);
});

test("an Allocate request that is repeated gets the same answer; a second allocation is refused, and so is another user", () => {
  const { client, clock } = makeScene();
  const one = client();
  one.learnNonce();
  const request = signedRequest(STUN_METHOD.allocate, [UDP_TRANSPORT], {
    ...one.access(),
    nonce: one.nonce(),
  });
  expect(one.said(request)).toEqual(one.said(request));
  expect(errorOf(one.ask("allocate", [UDP_TRANSPORT]))).toBe(437);
  one.useAccess(accessFor(SECRET, "somebody", clock.wall() + 60_000));
  expect(errorOf(one.ask("refresh"))).toBe(441);
});

test("data goes from one allocation to another once both have permitted it, by indication and by channel", () => {
  const { client } = makeScene();
  const [anna, ben] = [client(), client()];
  const [annasPort, bensPort] = [anna.allocate(), ben.allocate()];
  const say = () => anna.said(sendTo(bensPort, WORD));
  const bensBefore = ben.got.length;
  say();
  expect(errorOf(anna.ask("createPermission", [peerAt(0)]))).toBe(0);
  say();
  expect(ben.got.length).toBe(bensBefore);
  expect(errorOf(ben.ask("createPermission", [peerAt(annasPort)]))).toBe(0);
  say();
  const indication = parseStun(ben.got.at(-1) ?? new Uint8Array(0)).message;
  expect(indication).toMatchObject({ method: STUN_METHOD.data, class: "indication" });
  expect(attributeOf(indication, "data")?.data).toEqual(WORD);
  expect(attributeOf(indication, "xor-peer-address")).toMatchObject({ ip: RELAYED_IP[4], port: annasPort });

  const channel = { is: "channel-number", channel: 0x4001 } as const;
  expect(errorOf(ben.ask("channelBind", [channel, peerAt(annasPort)]))).toBe(0);
  expect(errorOf(anna.ask("channelBind", [channel, peerAt(bensPort)]))).toBe(0);
  anna.said(writeChannelData({ channel: 0x4001, data: WORD }, true));
  expect(parseChannelData(ben.got.at(-1) ?? new Uint8Array(0))).toEqual({ channel: 0x4001, data: WORD });
});

test("a channel keeps its peer and a peer its channel, and there are so many", () => {
  const { client, clock } = makeScene();
  const one = client();
  one.allocate();
  const bind = (channel: number, port: number) =>
    errorOf(one.ask("channelBind", [{ is: "channel-number", channel }, peerAt(port)]));
  expect(bind(0x4000, 50_000)).toBe(0);
  expect(bind(0x4000, 50_000)).toBe(0);
  expect([bind(0x4000, 50_001), bind(0x4001, 50_000), bind(0x5000, 50_001), bind(0x3fff, 50_001)]).toEqual([
    400, 400, 400, 400,
  ]);
  for (let n = 1; n < MAX_CHANNELS; n++) {
    clock.run(100);
    expect(bind(0x4000 + n, 50_000 + n)).toBe(0);
  }
  expect(bind(0x4fff, 60_000)).toBe(508);
  clock.run(590_000);
  one.ask("refresh");
  clock.run(15_000);
  expect(bind(0x4fff, 60_000)).toBe(0); // the ones of before have run out
});

test.each([
  ["127.0.0.1", 403],
  ["0.0.0.0", 403],
  ["10.0.0.1", 403],
  ["169.254.169.254", 403],
  ["192.0.2.2", 403],
  ["::1", 443],
  ["::", 443],
  ["::ffff:127.0.0.1", 403],
])("%s is no peer: no permission, no channel, and not with one that is", (address, code) => {
  const { client } = makeScene();
  const one = client();
  one.allocate();
  const peer = peerAt(3000, addressBytes(address));
  const channel = { is: "channel-number", channel: 0x4000 } as const;
  expect(errorOf(one.ask("createPermission", [peer]))).toBe(code);
  expect(errorOf(one.ask("createPermission", [peerAt(1), peer]))).toBe(code);
  expect(errorOf(one.ask("channelBind", [channel, peer]))).toBe(code);
});

test("an IPv6 relayed address is given where it is asked for; the families do not mix", () => {
  const { client } = makeScene();
  const [one, other] = [client("2001:db8::1"), client()];
  one.allocate([UDP_TRANSPORT, { is: "requested-address-family", family: 2 }]);
  other.allocate();
  expect(errorOf(one.ask("createPermission", [peerAt(1, RELAYED_IP[6])]))).toBe(0);
  expect(errorOf(one.ask("createPermission", [peerAt(1)]))).toBe(443);
  expect(errorOf(other.ask("createPermission", [peerAt(1, RELAYED_IP[6])]))).toBe(443);
  expect(errorOf(other.ask("createPermission", [peerAt(1, addressBytes("2001:db8::2"))]))).toBe(443);
});

test("an allocation lives ten minutes, as long as it is refreshed, also after its credentials; 0 ends it", () => {
  const { client, clock, turn } = makeScene();
  const one = client();
  one.allocate();
  for (let minutes = 0; minutes < 120; minutes += 9) {
    clock.run(9 * 60_000);
    if (errorOf(one.ask("refresh")) === 438) one.learnNonce();
    expect(errorOf(one.ask("refresh"))).toBe(0);
  }
  const ended = one.ask("refresh", [{ is: "lifetime", seconds: 0 }]);
  expect([ended && attributeOf(ended, "lifetime")?.seconds, turn.size(), one.held.at(-1)]).toEqual([
    0,
    0,
    false,
  ]);
  const other = client();
  other.allocate();
  clock.run(599_000);
  expect(turn.size()).toBe(1);
  clock.run(2_000);
  expect([turn.size(), other.held]).toEqual([0, [true, false]]);
});

test("a permission lasts five minutes", () => {
  const { client, clock } = makeScene();
  const [anna, ben] = [client(), client()];
  const [, bensPort] = [anna.allocate(), ben.allocate()];
  anna.ask("createPermission", [peerAt(1)]);
  ben.ask("createPermission", [peerAt(1)]);
  clock.run(299_000);
  anna.said(sendTo(bensPort, WORD));
  const before = ben.got.length;
  clock.run(2_000);
  anna.said(sendTo(bensPort, WORD));
  expect(ben.got.length).toBe(before);
});

test("so many allocations for one user, whatever the credentials, and so many for all", () => {
  const { client, clock, turn } = makeScene();
  for (let n = 0; n < MAX_OF_USER; n++) client("203.0.113.7", "anna").allocate();
  const one = client("203.0.113.9", "anna");
  one.learnNonce();
  one.useAccess(accessFor(SECRET, "anna", clock.wall() + 1_000));
  expect([errorOf(one.ask("allocate", [UDP_TRANSPORT])), turn.size()]).toEqual([486, MAX_OF_USER]);
  for (let n = turn.size(); n < MAX_ALLOCATIONS; n++) {
    if (n % 200 === 0) clock.run(1_000); // strangers are budgeted
    client(`198.51.100.${n % 250}`).allocate();
  }
  const last = client("198.51.100.251");
  clock.run(1_000);
  last.learnNonce();
  expect([errorOf(last.ask("allocate", [UDP_TRANSPORT])), turn.size()]).toEqual([508, MAX_ALLOCATIONS]);
});

test("an allocation sends 8 Mbit/s, and what is above is lost, its own alone", () => {
  const { client, clock } = makeScene();
  const [anna, ben, cleo] = [client(), client(), client()];
  const [, bensPort] = [anna.allocate(), ben.allocate(), cleo.allocate()];
  for (const one of [anna, ben, cleo]) one.ask("createPermission", [peerAt(1)]);
  const packet = sendTo(bensPort, new Uint8Array(1_200));
  const before = ben.got.length;
  for (let ms = 0; ms < 4_000; ms += 10) {
    clock.run(10);
    for (let n = 0; n < 20; n++) anna.said(packet); // 19 Mbit/s
  }
  const megabits = ((ben.got.length - before) * 1_200 * 8) / 4 / 1e6;
  expect(megabits).toBeGreaterThan(7);
  expect(megabits).toBeLessThan(8.5);
  const heard = ben.got.length;
  cleo.said(packet);
  expect(ben.got.length).toBe(heard + 1);
});

test("strangers are answered so often in a second; who has an allocation goes on", () => {
  const { client, clock } = makeScene();
  const [anna, ben] = [client(), client()];
  const [, bensPort] = [anna.allocate(), ben.allocate()];
  for (const one of [anna, ben]) one.ask("createPermission", [peerAt(1)]);
  clock.run(1_000);
  const stranger = client();
  for (let n = 0; n < 20_000; n++) stranger.said(writeStun(plain("binding")));
  expect(stranger.got.length).toBe(500);
  const before = ben.got.length;
  anna.said(sendTo(bensPort, WORD));
  expect([ben.got.length, errorOf(anna.ask("refresh"))]).toEqual([before + 1, 0]);
  expect(client("203.0.113.7", "cleo", true).said(writeStun(plain("binding")))).toBeDefined(); // by TCP
  clock.run(1_000);
  expect(stranger.said(writeStun(plain("binding")))).toBeDefined();
});

test("answers, indications and noise from strangers are not answered", () => {
  const { client } = makeScene();
  const one = client();
  const success = writeStun({ ...plain("binding"), class: "success" });
  for (const bytes of [
    success,
    sendTo(50_000, WORD),
    Uint8Array.of(0),
    new Uint8Array(64),
    Uint8Array.of(0x40, 0),
  ])
    expect(one.said(bytes)).toBeUndefined();
});
