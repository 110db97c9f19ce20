import { type TNull, type TSchema, type TUnion, Type } from "typebox";

/** A value, or null where there is none. */
export function Nullable<T extends TSchema>(of: T): TUnion<[TNull, T]> {
  return Type.Union([Type.Null(), of]);
}
