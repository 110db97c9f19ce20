import { ProtocolError } from "../protocol-error.js";

/** A real picture has a handful of units; one with a slice for each row of an 8K picture has 540. */
const MAX_UNITS = 1024;

/** A piece of a unit that did not fit one packet. */
export type Fragment = {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** The unit's own first bytes, which fragments carry in another form. */
  readonly header: readonly number[];
  readonly bytes: Uint8Array;
};

/** Collects NAL units, whole or in fragments, and refuses what does not fit together. */
export type UnitCollector = {
  whole(unit: Uint8Array): void;
  fragment(fragment: Fragment): void;
  /** All units; throws when one is not finished. */
  end(): Uint8Array[];
};

/** Starts without units; `protocol` names itself in errors. */
export function startUnits(protocol: string): UnitCollector {
  const units: Uint8Array[] = [];
  let open: { header: readonly number[]; parts: Uint8Array[]; bytes: number } | null = null;

  const fail = (reason: string): never => {
    throw new ProtocolError(protocol, reason);
  };

  const whole = (unit: Uint8Array) => {
    if (open !== null) fail("a unit begins before the fragmented one ends");
    if (unit.length === 0) return; // some encoders send them
    if (units.length >= MAX_UNITS) fail(`more than ${MAX_UNITS} units in a picture`);
    units.push(unit);
  };

  return {
    whole,
    fragment({ isFirst, isLast, header, bytes }) {
      if (isFirst) {
        if (open !== null) fail("a fragmented unit begins before the one before it ends");
        open = { header, parts: [], bytes: header.length };
      }
      const unit = open ?? fail("a fragment without its beginning");
      if (unit.header.some((byte, at) => byte !== header[at])) fail("fragments of two units are mixed");
      unit.parts.push(bytes);
      unit.bytes += bytes.length;
      if (!isLast) return;
      const joined = new Uint8Array(unit.bytes);
      joined.set(unit.header);
      let at = unit.header.length;
      for (const part of unit.parts) {
        joined.set(part, at);
        at += part.length;
      }
      open = null;
      whole(joined);
    },
    end() {
      if (open !== null) fail("the picture ends within a fragmented unit");
      return units;
    },
  };
}
