import { expect, test } from "vitest";
import { securityHeaders } from "./headers.js";

const VIDEO = "https://video.example.org";
const EDGE = "https://edge1.example.org";
const NONE = { conference: null, engines: [] } as const;

/** What the policy says of one directive; null: nothing. */
function directive(headers: Record<string, string>, name: string): string | null {
  const all = (headers["content-security-policy"] ?? "").split("; ");
  return all.find((one) => one.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
}

test("alone it speaks with its own origin only, holds no frame and gives no frame a device", () => {
  const headers = securityHeaders("https://live.example.org", NONE);
  expect(directive(headers, "connect-src")).toBe("'self' wss://live.example.org");
  expect(directive(headers, "media-src")).toBe("'self' blob:");
  expect(directive(headers, "frame-src")).toBeNull();
  expect(directive(headers, "default-src")).toBe("'none'");
  expect(headers["permissions-policy"]).toMatch(/^camera=\(self\), microphone=\(self\), /);
  expect(headers["permissions-policy"]).not.toContain("https:");
});

test("with MiroTalk its origin alone may stand in a frame, and get camera, microphone and screen", () => {
  const headers = securityHeaders("https://live.example.org", { conference: VIDEO, engines: [] });
  expect(directive(headers, "frame-src")).toBe(`'self' ${VIDEO}`);
  expect(directive(headers, "frame-ancestors")).toBe("'none'");
  expect(directive(headers, "connect-src")).toBe("'self' wss://live.example.org");
  const permissions = headers["permissions-policy"] ?? "";
  for (const feature of [
    "camera",
    "microphone",
    "display-capture",
    "autoplay",
    "fullscreen",
    "picture-in-picture",
  ])
    expect(permissions.split(", ")).toContain(`${feature}=(self "${VIDEO}")`);
  for (const feature of ["geolocation", "payment", "usb", "serial"])
    expect(permissions.split(", ")).toContain(`${feature}=()`);
  expect(permissions.split(", ")).toContain("publickey-credentials-get=(self)");
});

test("with OvenMediaEngine its signalling and its segments may be fetched, and nothing of it runs or is framed", () => {
  const headers = securityHeaders("https://live.example.org", { conference: null, engines: [EDGE] });
  expect(directive(headers, "connect-src")).toBe(
    `'self' ${EDGE} wss://live.example.org wss://edge1.example.org`,
  );
  expect(directive(headers, "media-src")).toBe(`'self' blob: ${EDGE}`);
  for (const name of ["script-src", "style-src"]) expect(directive(headers, name)).toBe("'self'");
  expect(directive(headers, "frame-src")).toBeNull();
});
