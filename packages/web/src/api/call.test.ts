import { routes } from "@colourstream/contract";
import { afterEach, expect, test, vi } from "vitest";
import { addressOf, api } from "./call.js";

afterEach(() => vi.unstubAllGlobals());

const answer = (status: number, body: unknown) =>
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status }));

test("parameters go into the path, encoded", () => {
  expect(addressOf(routes.readRoom, { roomId: "a/b" })).toBe("/api/v1/rooms/a%2Fb");
});

test("a query that is not given leaves no trace", () => {
  expect(addressOf(routes.listRooms, {}, { archived: undefined })).toBe("/api/v1/rooms");
  expect(addressOf(routes.listRooms, {}, { archived: true })).toBe("/api/v1/rooms?archived=true");
});

test("a path whose parameter is missing is our own mistake", () => {
  expect(() => addressOf(routes.readRoom)).toThrow("needs roomId");
});

test("a refusal keeps the server's code, sentence and request id", async () => {
  answer(401, { error: "sign_in_needed", message: "Sign in first.", requestId: "r1" });
  await expect(api("listRooms", {})).rejects.toMatchObject({
    code: "sign_in_needed",
    message: "Sign in first.",
    status: 401,
    requestId: "r1",
  });
});

test("an answer of a proxy, not ours, is named as such", async () => {
  answer(502, "Bad gateway");
  await expect(api("listRooms", {})).rejects.toMatchObject({ code: "unexpected", status: 502 });
  vi.stubGlobal("fetch", async () => new Response("<html>", { status: 200 }));
  await expect(api("listRooms", {})).rejects.toMatchObject({ code: "unexpected" });
});

test("a server that is not there is offline", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(api("listRooms", {})).rejects.toMatchObject({ code: "offline" });
});
