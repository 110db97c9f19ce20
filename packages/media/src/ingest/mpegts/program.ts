import {
  type ElementaryStream,
  PAT_TABLE,
  PMT_TABLE,
  parseProgramAssociation,
  parseProgramMap,
} from "../../wire/mpegts/psi.js";
import { startSectionReader } from "../../wire/mpegts/section-reader.js";
import type { TsPacket } from "../../wire/mpegts/ts-packet.js";
import { ProtocolError } from "../../wire/protocol-error.js";

/** Follows the tables of a transport stream to the tracks of its first programme. */
export type Program = {
  /** True when the packet was one of a table. */
  take(packet: TsPacket): boolean;
  lost(): void;
};

/** What a programme tells. */
export type ProgramEvents = {
  /** The tracks there are now: at the start, and whenever the table has changed. */
  tracks(streams: readonly ElementaryStream[]): void;
  /** More than one programme is in the stream. */
  others(programs: number): void;
  skipped(reason: string): void;
};

const PAT_PID = 0;

/** Starts with no table seen. A table holds until another comes: late tracks and changed ones are taken at any time. */
export function startProgram(events: ProgramEvents): Program {
  const association = startSectionReader();
  let map = startSectionReader();
  let program: { number: number; pid: number } | null = null;
  let tracks = "";

  function takeAssociation(bytes: Uint8Array): void {
    const table = parseProgramAssociation(bytes);
    if (!table.isCurrent) return;
    const programs = table.programs.filter(({ number }) => number !== 0);
    const [first] = programs;
    if (first === undefined) return;
    if (programs.length > 1) events.others(programs.length);
    if (first.number === program?.number && first.pid === program.pid) return;
    program = first;
    map = startSectionReader();
  }

  function takeMap(bytes: Uint8Array): void {
    const table = parseProgramMap(bytes);
    if (!table.isCurrent || table.program !== program?.number) return;
    // Encoders are found that change the tracks and leave the version: the content tells.
    const next = JSON.stringify(
      table.streams.map(({ streamType, pid, descriptors }) => [
        streamType,
        pid,
        ...descriptors.map(({ tag, body }) => `${tag}:${body.join()}`),
      ]),
    );
    if (next === tracks) return;
    tracks = next;
    events.tracks(table.streams);
  }

  /** Sections of other tables may share a PID; one that is damaged is sent again a tenth of a second later. */
  function reading(tableId: number, read: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
    return (bytes) => {
      if (bytes[0] !== tableId) return;
      try {
        read(bytes);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        events.skipped(error.message);
      }
    };
  }

  const takeAssociations = reading(PAT_TABLE, takeAssociation);
  const takeMaps = reading(PMT_TABLE, takeMap);

  return {
    take(packet) {
      if (packet.pid === PAT_PID) {
        association.take(packet, takeAssociations);
        return true;
      }
      if (packet.pid !== program?.pid) return false;
      map.take(packet, takeMaps);
      return true;
    },
    lost() {
      association.lost();
      map.lost();
    },
  };
}
