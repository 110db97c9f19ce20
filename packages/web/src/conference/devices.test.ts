import { afterEach, expect, test, vi } from "vitest";
import { browserDevices } from "./devices.js";

type Ask = (constraints: { audio?: { deviceId?: { exact: string } } }) => Promise<unknown>;

function withMedia(getUserMedia: Ask | null) {
  vi.stubGlobal("navigator", getUserMedia === null ? {} : { mediaDevices: { getUserMedia } });
}
afterEach(() => vi.unstubAllGlobals());

test.each([
  ["NotAllowedError", "not-allowed"],
  ["SecurityError", "not-allowed"],
  ["NotFoundError", "not-found"],
  ["OverconstrainedError", "not-found"],
  ["NotReadableError", "in-use"],
  ["AbortError", "in-use"],
  ["TypeError", "failed"],
])("%s means %s", async (name, why) => {
  withMedia(() => Promise.reject(Object.assign(new Error(), { name })));
  await expect(browserDevices.openMic(null)).rejects.toMatchObject({ name: "DeviceError", why });
  await expect(browserDevices.openCamera("one")).rejects.toMatchObject({ why });
});

test("at an address that is not secure there are no devices", async () => {
  withMedia(null);
  await expect(browserDevices.openMic(null)).rejects.toMatchObject({ why: "insecure" });
  await expect(browserDevices.openScreen()).rejects.toMatchObject({ why: "insecure" });
  expect(browserDevices.onChange(() => undefined)).toBeTypeOf("function");
});

test("one that was chosen and is not there any more is replaced by the machine's own choice", async () => {
  const asked: (string | undefined)[] = [];
  const track = { kind: "audio" };
  withMedia(async ({ audio }) => {
    asked.push(audio?.deviceId?.exact);
    if (audio?.deviceId !== undefined) throw Object.assign(new Error(), { name: "OverconstrainedError" });
    return { getTracks: () => [track] };
  });
  await expect(browserDevices.openMic("gone")).resolves.toBe(track);
  expect(asked).toEqual(["gone", undefined]);
});
