import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";

/** Without extensions (draft-sharabayko-srt §3.2.1); the packet's header comes before. */
export const HANDSHAKE_BYTES = 48;

/** In a version 5 induction answer the extension field says "this is SRT" (§4.3.1.1). */
export const SRT_MAGIC = 0x4a17;

/** The handshake's type (§3.2.1.1). A number from 1000 on is a rejection. */
export const HANDSHAKE_TYPE = {
  waveAHand: 0,
  induction: 1,
  conclusion: 0xffffffff,
  agreement: 0xfffffffe,
} as const;

/** What a rejection's type begins with: 1000 and the reason. */
const REJECTION = 1000;

/**
 * Why a caller is turned away, as libsrt names it (srt.h, access_control.h). Those from 1400 on are the
 * application's; older callers show them as "application-defined".
 */
export const REJECT = {
  resource: 3,
  rogue: 4,
  version: 8,
  badSecret: 10,
  unsecure: 11,
  messageApi: 12,
  congestion: 13,
  filter: 14,
  group: 15,
  crypto: 17,
  badRequest: 1400,
  unauthorized: 1401,
  overload: 1402,
  forbidden: 1403,
  badMode: 1405,
  conflict: 1409,
  down: 1503,
} as const;

/** A reason of `REJECT`. */
export type Reject = keyof typeof REJECT;

/** Which extensions a conclusion has (§3.2.1, table 3). */
export const EXTENSION_FLAG = { handshake: 1, keyMaterial: 2, config: 4 } as const;

/** One block of an extended handshake (§3.2.1.1); the content's length is a multiple of 4. */
export type HandshakeExtension = { readonly type: number; readonly content: Uint8Array };

/** A handshake, in either direction. */
export type Handshake = {
  readonly version: number;
  /** Advertised key length in eighths of a byte count: 0, 2, 3, 4 for none, 16, 24, 32 bytes. */
  readonly encryption: number;
  /** `SRT_MAGIC`, a socket type (version 4) or `EXTENSION_FLAG`s. */
  readonly extension: number;
  readonly initialSequence: number;
  readonly mtu: number;
  readonly flowWindow: number;
  readonly type: number;
  readonly socketId: number;
  readonly cookie: number;
  /** 16 bytes, as they are on the wire. */
  readonly peerIp: Uint8Array;
  /** Only a version 5 conclusion has any. */
  readonly extensions: readonly HandshakeExtension[];
};

/** There are eight kinds; nobody repeats them often. */
const MAX_EXTENSIONS = 16;

/** Reads a handshake packet's body. */
export function parseHandshake(bytes: Uint8Array): Handshake {
  const body = new ByteReader("srt handshake", bytes);
  const version = body.u32();
  const encryption = body.u16();
  const extension = body.u16();
  const initialSequence = body.u32();
  if (initialSequence >= 2 ** 31) body.fail("an initial sequence number of more than 31 bits");
  const fixed = {
    ...{ version, encryption, extension, initialSequence },
    mtu: body.u32(),
    flowWindow: body.u32(),
    type: body.u32(),
    socketId: body.u32(),
    cookie: body.u32(),
    peerIp: body.slice(16),
  };
  const isExtended = version === 5 && fixed.type === HANDSHAKE_TYPE.conclusion;
  return { ...fixed, extensions: isExtended ? parseExtensions(body) : [] };
}

function parseExtensions(body: ByteReader): HandshakeExtension[] {
  const extensions: HandshakeExtension[] = [];
  while (body.left >= 4) {
    if (extensions.length === MAX_EXTENSIONS) body.fail(`more than ${MAX_EXTENSIONS} extensions`);
    const type = body.u16();
    extensions.push({ type, content: body.slice(4 * body.u16()) });
  }
  return extensions;
}

/** Writes a handshake packet's body. */
export function writeHandshake(handshake: Handshake): Uint8Array {
  const { extensions } = handshake;
  const length = extensions.reduce((sum, { content }) => sum + 4 + content.length, HANDSHAKE_BYTES);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, handshake.version);
  view.setUint16(4, handshake.encryption);
  view.setUint16(6, handshake.extension);
  view.setUint32(8, handshake.initialSequence);
  view.setUint32(12, handshake.mtu);
  view.setUint32(16, handshake.flowWindow);
  view.setUint32(20, handshake.type);
  view.setUint32(24, handshake.socketId);
  view.setUint32(28, handshake.cookie);
  bytes.set(handshake.peerIp, 32);
  let at = HANDSHAKE_BYTES;
  for (const { type, content } of extensions) {
    if (content.length % 4 !== 0) throw new ProtocolError("srt handshake", "an extension of broken words");
    view.setUint16(at, type);
    view.setUint16(at + 2, content.length / 4);
    bytes.set(content, at + 4);
    at += 4 + content.length;
  }
  return bytes;
}

/** The handshake that turns `asked` away. Its length is never more than the request's. */
export function rejection(asked: Handshake, reason: Reject): Handshake {
  const type = REJECTION + REJECT[reason];
  return { ...asked, version: 5, encryption: 0, extension: 0, type, extensions: [] };
}
