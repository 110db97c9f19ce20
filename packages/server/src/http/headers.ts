/** What every answer carries, whatever it is. */
export function securityHeaders(publicUrl: string | null): Record<string, string> {
  const isHttps = publicUrl?.startsWith("https:") === true;
  // Safari before 15.4 does not count our own WebSocket as 'self'.
  const socket = publicUrl === null ? "" : ` ${publicUrl.replace(/^http/, "ws")}`;
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "font-src 'self'",
      "img-src 'self' blob: data:",
      "media-src 'self' blob:",
      "worker-src 'self'",
      "manifest-src 'self'",
      `connect-src 'self'${socket}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "object-src 'none'",
    ].join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=(), serial=(), autoplay=(self), fullscreen=(self), picture-in-picture=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)",
    // A room's link is nobody's to find: pages are in no search engine's index.
    "x-robots-tag": "noindex, nofollow",
    ...(isHttps && { "strict-transport-security": "max-age=31536000" }),
  };
}
