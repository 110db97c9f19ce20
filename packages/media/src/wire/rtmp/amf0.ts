import { ByteReader } from "../byte-reader.js";

/** A value of AMF 0 (AMF 0 specification §2). Objects are maps, so that a key such as `__proto__` is only a key. */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | AmfObject
  | AmfEcmaArray
  | AmfTypedObject
  | AmfDate
  | AmfXml
  | readonly AmfValue[];

/** An anonymous object (§2.5). */
export type AmfObject = ReadonlyMap<string, AmfValue>;
/** An associative array (§2.10): what onMetaData is sent as. */
export type AmfEcmaArray = { readonly ecmaArray: AmfObject };
/** An object with a class name (§2.18). */
export type AmfTypedObject = { readonly className: string; readonly fields: AmfObject };
/** Milliseconds since 1970 and a time zone that nobody fills in (§2.13). */
export type AmfDate = { readonly dateMs: number; readonly zone: number };
/** An XML document as text (§2.17). */
export type AmfXml = { readonly xml: string };

/** connect objects nest two deep, E-RTMP metadata three. */
const MAX_DEPTH = 16;

/** All values of one message together; onMetaData of the most talkative encoder has under 100. */
const MAX_VALUES = 4096;

/** AMF 0 type markers (§2.1). */
const TYPE = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  reference: 7,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
  unsupported: 13,
  xml: 15,
  typedObject: 16,
  avmPlus: 17,
} as const;

/** Reads all values to the end of the bytes. */
export function parseAmf0(bytes: Uint8Array): AmfValue[] {
  const budget: Budget = { reader: new ByteReader("amf0", bytes), values: 0 };
  const values: AmfValue[] = [];
  while (budget.reader.left > 0) values.push(readValue(budget, 0));
  return values;
}

/** Writes the values one behind the other. */
export function writeAmf0(values: readonly AmfValue[]): Uint8Array {
  const out: number[] = [];
  for (const value of values) writeValue(out, value);
  return Uint8Array.from(out);
}

/** The fields of an object, ECMA array or typed object; null for everything else. */
export function amfFields(value: AmfValue): AmfObject | null {
  if (value instanceof Map) return value;
  if (typeof value !== "object" || value === null) return null;
  if ("ecmaArray" in value) return value.ecmaArray;
  if ("className" in value) return value.fields;
  return null;
}

/** An anonymous object of these fields. */
export function amfObject(fields: Readonly<Record<string, AmfValue>>): AmfObject {
  return new Map(Object.entries(fields));
}

type Budget = { readonly reader: ByteReader; values: number };

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const toUtf8 = new TextEncoder();

function readValue(budget: Budget, depth: number): AmfValue {
  return readTyped(budget, budget.reader.u8(), depth);
}

function readTyped(budget: Budget, type: number, depth: number): AmfValue {
  const { reader } = budget;
  if (depth > MAX_DEPTH) reader.fail(`nested more than ${MAX_DEPTH} deep`);
  if (++budget.values > MAX_VALUES) reader.fail(`more than ${MAX_VALUES} values`);
  switch (type) {
    case TYPE.number:
      return reader.f64();
    case TYPE.boolean:
      return reader.u8() !== 0;
    case TYPE.string:
      return readString(reader);
    case TYPE.object:
      return readFields(budget, depth);
    case TYPE.null:
      return null;
    case TYPE.undefined:
    case TYPE.unsupported:
      return undefined;
    case TYPE.ecmaArray:
      reader.skip(4); // an approximate count: the end marker decides (§2.10)
      return { ecmaArray: readFields(budget, depth) };
    case TYPE.strictArray:
      return readArray(budget, depth);
    case TYPE.date:
      return { dateMs: reader.f64(), zone: reader.i16() };
    case TYPE.longString:
      return utf8.decode(reader.slice(reader.u32()));
    case TYPE.xml:
      return { xml: utf8.decode(reader.slice(reader.u32())) };
    case TYPE.typedObject:
      return { className: readString(reader), fields: readFields(budget, depth) };
    default:
      return reader.fail(`type marker ${type} is not supported`);
  }
}

function readString(reader: ByteReader): string {
  return utf8.decode(reader.slice(reader.u16()));
}

function readFields(budget: Budget, depth: number): AmfObject {
  const { reader } = budget;
  const fields = new Map<string, AmfValue>();
  while (reader.left > 0) {
    const key = readString(reader);
    const type = reader.u8();
    if (key === "" && type === TYPE.objectEnd) return fields;
    fields.set(key, readTyped(budget, type, depth + 1));
  }
  return fields; // some encoders forget the end marker of the last object
}

function readArray(budget: Budget, depth: number): AmfValue[] {
  const { reader } = budget;
  const count = reader.u32();
  if (count > reader.left) reader.fail(`an array of ${count} values in ${reader.left} bytes`);
  const values: AmfValue[] = [];
  for (let i = 0; i < count; i++) values.push(readValue(budget, depth + 1));
  return values;
}

function writeValue(out: number[], value: AmfValue): void {
  if (value === null) out.push(TYPE.null);
  else if (value === undefined) out.push(TYPE.undefined);
  else if (typeof value === "number") out.push(TYPE.number, ...f64(value));
  else if (typeof value === "boolean") out.push(TYPE.boolean, value ? 1 : 0);
  else if (typeof value === "string") writeText(out, value);
  else if (isArray(value)) {
    out.push(TYPE.strictArray, ...u32(value.length));
    for (const item of value) writeValue(out, item);
  } else if (value instanceof Map) writeFields(out, TYPE.object, value);
  else if ("ecmaArray" in value) {
    out.push(TYPE.ecmaArray, ...u32(value.ecmaArray.size));
    writePairs(out, value.ecmaArray);
  } else if ("className" in value) {
    out.push(TYPE.typedObject);
    writeKey(out, value.className);
    writePairs(out, value.fields);
  } else if ("dateMs" in value) {
    out.push(TYPE.date, ...f64(value.dateMs), (value.zone >> 8) & 255, value.zone & 255);
  } else if ("xml" in value) {
    const text = toUtf8.encode(value.xml);
    out.push(TYPE.xml, ...u32(text.length));
    append(out, text);
  }
}

function isArray(value: AmfValue): value is readonly AmfValue[] {
  return Array.isArray(value);
}

function writeText(out: number[], value: string): void {
  const text = toUtf8.encode(value);
  if (text.length > 0xffff) out.push(TYPE.longString, ...u32(text.length));
  else out.push(TYPE.string, text.length >> 8, text.length & 255);
  append(out, text);
}

function writeFields(out: number[], type: number, fields: AmfObject): void {
  out.push(type);
  writePairs(out, fields);
}

function writePairs(out: number[], fields: AmfObject): void {
  for (const [key, value] of fields) {
    writeKey(out, key);
    writeValue(out, value);
  }
  out.push(0, 0, TYPE.objectEnd);
}

function writeKey(out: number[], key: string): void {
  const text = toUtf8.encode(key);
  if (text.length > 0xffff) throw new RangeError(`an AMF 0 key of ${text.length} bytes`);
  out.push(text.length >> 8, text.length & 255);
  append(out, text);
}

function append(out: number[], bytes: Uint8Array): void {
  for (const byte of bytes) out.push(byte);
}

function f64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

function u32(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
