import { ConfigError } from "./config-error.js";
import type { ReadText } from "./config-values.js";

/** Which lines the log has of requests. */
export type RequestLogConfig = {
  readonly isOn: boolean;
  /** What of a client's address is in them. `net`: its /24, for IPv6 its /48. */
  readonly clients: (typeof CLIENTS)[number];
};

const CLIENTS = ["net", "hash", "full", "none"] as const;

/** Reads LOG_REQUESTS and LOG_CLIENTS. */
export function readRequestLog(text: ReadText): RequestLogConfig {
  const on = text("LOG_REQUESTS") ?? "off";
  if (on !== "on" && on !== "off") throw new ConfigError("LOG_REQUESTS", on, "on or off");
  const asked = text("LOG_CLIENTS") ?? "net";
  const clients = CLIENTS.find((one) => one === asked);
  if (clients === undefined) throw new ConfigError("LOG_CLIENTS", asked, `one of ${CLIENTS.join(", ")}`);
  return { isOn: on === "on", clients };
}
