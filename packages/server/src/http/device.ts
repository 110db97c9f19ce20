import type { FastifyRequest } from "fastify";
import type { Device } from "../store/sessions.js";

const LONGEST = 300; // of a user agent; real ones are under 250 characters

/** What a browser says of itself and where it asks from, to be shown to whoever owns the session. */
export function deviceOf(request: FastifyRequest): Device {
  return { userAgent: request.headers["user-agent"]?.slice(0, LONGEST) ?? null, address: request.ip };
}
