import { expect, test } from "vitest";
import { ProtocolError } from "../wire/protocol-error.js";
import { createLineReader } from "./line-reader.js";
import { MAX_CONTROL_LINE_BYTES } from "./protocol.js";

const TEXT = 'first\n\n{"key":"größer → ✓"}\nlast without end';
const LINES = ["first", "", '{"key":"größer → ✓"}'];

test("lines are the same however the bytes are split", () => {
  const bytes = Buffer.from(TEXT);
  for (let size = 1; size <= bytes.length; size += 1) {
    const reader = createLineReader();
    const lines: string[] = [];
    const buffer = Buffer.alloc(size); // one buffer used again, as a socket may
    for (let at = 0; at < bytes.length; at += size) {
      const length = bytes.copy(buffer, 0, at, at + size);
      lines.push(...reader.push(buffer.subarray(0, length)));
    }
    expect(lines, `pieces of ${size}`).toEqual(LINES);
  }
});

test("a line of the greatest length passes, one byte more is refused before its end has come", () => {
  const most = Buffer.alloc(MAX_CONTROL_LINE_BYTES, "a");
  const reader = createLineReader();
  expect(reader.push(most)).toEqual([]);
  expect(reader.push(Buffer.from("\n"))[0]).toHaveLength(MAX_CONTROL_LINE_BYTES);

  reader.push(most);
  expect(() => reader.push(Buffer.from("a"))).toThrow(ProtocolError);
});

test("bytes that are not UTF-8 are refused", () => {
  expect(() => createLineReader().push(Buffer.from([0x22, 0xff, 0x22, 0x0a]))).toThrow("expected UTF-8");
});
