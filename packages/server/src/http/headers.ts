/** Whose pages and streams ours may use, beside its own. */
export type OtherOrigins = {
  /** MiroTalk's, whose page stands in a frame of ours; null: there is no such frame. */
  readonly conference: string | null;
  /** OvenMediaEngine's: signalling and segments. */
  readonly engines: readonly string[];
};

/** What every answer carries, whatever it is. */
export function securityHeaders(
  publicUrl: string | null,
  { conference, engines }: OtherOrigins,
): Record<string, string> {
  const isHttps = publicUrl?.startsWith("https:") === true;
  // Safari before 15.4 does not count our own WebSocket as 'self'.
  const sockets = [publicUrl ?? [], ...engines].flat().map((origin) => origin.replace(/^http/, "ws"));
  const own = conference === null ? "(self)" : `(self "${conference}")`;
  return {
    "content-security-policy": policy([
      ["default-src", "'none'"],
      ["script-src", "'self'"],
      ["style-src", "'self'"],
      ["font-src", "'self'"],
      ["img-src", "'self'", "blob:", "data:"],
      ["media-src", "'self'", "blob:", ...engines],
      ["worker-src", "'self'"],
      ["manifest-src", "'self'"],
      ["connect-src", "'self'", ...engines, ...sockets],
      // Our own /conference-left follows MiroTalk's page in its frame.
      ...(conference === null ? [] : [["frame-src", "'self'", conference]]),
      ["frame-ancestors", "'none'"],
      ["base-uri", "'none'"],
      ["form-action", "'self'"],
      ["object-src", "'none'"],
    ]),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    // What is refused here no frame gets, whatever its `allow` says.
    "permissions-policy": [
      ...["camera", "microphone", "display-capture", "autoplay", "fullscreen", "picture-in-picture"].map(
        (feature) => `${feature}=${own}`,
      ),
      ...["geolocation", "payment", "usb", "serial"].map((feature) => `${feature}=()`),
      "publickey-credentials-get=(self)",
      "publickey-credentials-create=(self)",
    ].join(", "),
    // A room's link is nobody's to find: pages are in no search engine's index.
    "x-robots-tag": "noindex, nofollow",
    ...(isHttps && { "strict-transport-security": "max-age=31536000" }),
  };
}

/** What the page after a call carries in their place: our own pages alone may hold it in a frame. */
export const FRAMED_PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": policy([
    ["default-src", "'none'"],
    ["script-src", "'self'"],
    ["style-src", "'self'"],
    ["frame-ancestors", "'self'"],
    ["base-uri", "'none'"],
    ["form-action", "'none'"],
    ["object-src", "'none'"],
  ]),
  "x-frame-options": "SAMEORIGIN",
};

function policy(directives: readonly (readonly string[])[]): string {
  return directives.map((directive) => directive.join(" ")).join("; ");
}
