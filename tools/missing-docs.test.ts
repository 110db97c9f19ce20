import { expect, test } from "vitest";
import { findUndocumented } from "./missing-docs.js";

test("an exported name without a doc comment is found, and only that", () => {
  const source = [
    "/** Has one. */",
    "export const Room = 1;",
    "export type Room = 2;",
    "",
    "export function bare() {}",
    "const inner = 3;",
    "/** Has",
    " * two lines. */",
    "export async function told() {}",
    "export const makeRoom = 4;",
    "// a remark is not a doc comment",
    "export class Remarked {}",
  ].join("\n");
  expect(findUndocumented(source)).toEqual([
    { line: 5, name: "bare" },
    { line: 12, name: "Remarked" },
  ]);
});
