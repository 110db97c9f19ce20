import type { VideoUnit } from "../../hub/access-unit.js";
import { splitAnnexB } from "../../wire/codecs/nal-units.js";
import type { TrackFormat } from "../formats.js";
import { isNalKeyframe, type NalCodec, startParameterSets } from "../parameter-sets.js";
import type { Pes } from "./pes-assembly.js";

/** Where a picture track's access units go. */
export type PictureOut = {
  format(format: TrackFormat, pts: number, isKeyframe: boolean): void;
  write(unit: VideoUnit): void;
  notice(text: string): void;
};

/** The state of one picture track: the parameter sets that its bitstream has brought. */
export type PictureTrack = {
  /** One access unit; throws `ProtocolError` when it cannot be read. */
  take(pes: Pes, pts: number, dts: number, arrivedAtMs: number): void;
};

/** Starts before the first parameter sets. */
export function startPictureTrack(codec: NalCodec, out: PictureOut): PictureTrack {
  const sets = startParameterSets(codec);
  let list: Uint8Array[] = [];
  return {
    take(pes, pts, dts, arrivedAtMs) {
      const units = splitAnnexB(pes.payload);
      if (units.length === 0) return;
      if (sets.takeInBand(units)) list = sets.list();
      const picture = sets.format();
      if (picture === null) {
        out.notice(
          "The encoder sends pictures without parameter sets: nothing can be shown until they come.",
        );
        return;
      }
      const isKeyframe = isNalKeyframe(codec, units, pes.isRandomAccess);
      out.format({ codec, ...picture, parameterSets: list }, pts, isKeyframe);
      out.write({ kind: "video", pts, dts, isKeyframe, units, arrivedAtMs });
    },
  };
}
