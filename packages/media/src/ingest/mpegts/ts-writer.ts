import { type PesHeader, writePesHeader } from "../../wire/mpegts/pes.js";
import { type ElementaryStream, writeProgramAssociation, writeProgramMap } from "../../wire/mpegts/psi.js";
import { type AdaptationField, TS_PACKET_BYTES, writeTsPacket } from "../../wire/mpegts/ts-packet.js";

/** Writes transport streams as muxers do; for tests. */
export type TsWriter = {
  tables(
    streams: readonly ElementaryStream[],
    options?: { version?: number; programs?: readonly { number: number; pid: number }[] },
  ): Uint8Array;
  /** A PES in packets, the last one stuffed; `isSized` says its length in the header. */
  pes(pid: number, pts: number | null, payload: Uint8Array, options?: PesOptions): Uint8Array;
};

/** How a PES is written. */
export type PesOptions = {
  readonly dts?: number;
  readonly isSized?: boolean;
  readonly isRandomAccess?: boolean;
  /** Also stuffs the packet with this index, although more follows. */
  readonly stuffEarly?: number;
};

const PMT_PID = 0x1000;
const PAYLOAD_BYTES = TS_PACKET_BYTES - 4;

/** Bytes of a header with one time stamp: a payload of 184·n less these fills its last packet. */
export const STAMPED_HEADER_BYTES = 14;

/** Starts with all continuity counters at 0. */
export function startTsWriter(): TsWriter {
  const counters = new Map<number, number>();

  function packet(pid: number, startsUnit: boolean, payload: Uint8Array, isRandomAccess = false): Uint8Array {
    const continuity = counters.get(pid) ?? 0;
    counters.set(pid, (continuity + 1) & 15);
    const room = PAYLOAD_BYTES - payload.length;
    const adaptation = room === 0 ? null : fieldOf(room - 1, isRandomAccess);
    return writeTsPacket({
      pid,
      startsUnit,
      hasError: false,
      scrambling: 0,
      continuity,
      adaptation,
      payload,
    });
  }

  function section(pid: number, bytes: Uint8Array): Uint8Array {
    const payload = new Uint8Array(PAYLOAD_BYTES).fill(0xff);
    payload[0] = 0;
    payload.set(bytes, 1);
    return packet(pid, true, payload);
  }

  return {
    tables(streams, { version = 0, programs = [{ number: 1, pid: PMT_PID }] } = {}) {
      const head = { version, isCurrent: true };
      const pcrPid = streams[0]?.pid ?? 0x1fff;
      const map = { ...head, program: programs[0]?.number ?? 1, pcrPid, descriptors: [], streams };
      return joined([
        section(0, writeProgramAssociation({ ...head, programs })),
        section(programs[0]?.pid ?? PMT_PID, writeProgramMap(map)),
      ]);
    },
    pes(pid, pts, payload, { dts, isSized = false, isRandomAccess = false, stuffEarly } = {}) {
      const streamId = pid % 2 === 0 ? 0xe0 : 0xc0;
      const header: PesHeader = { streamId, packetLength: 0, isAligned: false, pts, dts: dts ?? pts };
      const bare = writePesHeader(header).length - 6;
      const packetLength = isSized ? bare + payload.length : 0;
      const bytes = joined([writePesHeader({ ...header, packetLength }), payload]);
      const packets: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const most = PAYLOAD_BYTES - (isRandomAccess && at === 0 ? 2 : 0);
        const length = Math.min(packets.length === stuffEarly ? 100 : most, bytes.length - at);
        packets.push(packet(pid, at === 0, bytes.subarray(at, at + length), isRandomAccess && at === 0));
        at += length;
      }
      return joined(packets);
    },
  };
}

function fieldOf(length: number, isRandomAccess: boolean): AdaptationField {
  return {
    ...{ length, isDiscontinuity: false, isRandomAccess, isPriority: false, pcr: null, opcr: null },
    ...{ spliceCountdown: null, privateBytes: null, extension: null },
  };
}

/** All of these, one behind the other. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
