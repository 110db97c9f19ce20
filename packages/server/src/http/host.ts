import { isIP } from "node:net";
import { hostname } from "node:os";
import type { FastifyRequest } from "fastify";
import { ApiError } from "./errors.js";

const FORM = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9]([a-z0-9._-]{0,252}[a-z0-9])?\.?)(:\d{1,5})?$/i;

/** The names that this machine may be called by, besides `localhost` and its addresses. */
export type OwnNames = { readonly publicAddress: string | null; readonly machine?: string };

/**
 * Refuses a Host that is not ours, where no PUBLIC_URL says which is: a page of another site can have its own name
 * resolve to this machine (DNS rebinding) and would then be of our origin. An IP address, `localhost` and the name
 * of the machine cannot be taken so. A request without Host comes from no browser.
 */
export function needOwnHost(own: OwnNames, host: string | undefined): void {
  if (host === undefined || isOwnHost(own, host)) return;
  throw new ApiError("host_unknown", {
    message: `ColourStream does not know itself as ${JSON.stringify(host.slice(0, 100))}. Set PUBLIC_URL to the address that people type, or open it by the machine's IP address.`,
  });
}

/** True when the header is of the form host[:port] and the host is this machine. */
export function isOwnHost({ publicAddress, machine = hostname() }: OwnNames, host: string): boolean {
  if (!FORM.test(host)) return false;
  const name = host
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$|\.$/g, "");
  if (isIP(name) !== 0) return true;
  const own = machine.toLowerCase();
  const [label = own] = own.split(".");
  return ["localhost", own, `${label}.local`, publicAddress?.toLowerCase()].includes(name);
}

/** The origin that a request came to, to make links with. Only after its Host was found to be ours. */
export function originOf(request: Pick<FastifyRequest, "headers" | "protocol">): string | null {
  const { host } = request.headers;
  if (host === undefined || !FORM.test(host)) return null;
  return `${request.protocol === "https" ? "https" : "http"}://${host.toLowerCase()}`;
}
