import { healthRoutes } from "./health.js";
import { roomRoutes } from "./room.js";
import { sessionRoutes } from "./session.js";

export * from "./errors.js";
export * from "./health.js";
export * from "./realtime.js";
export * from "./room.js";
export * from "./route.js";
export * from "./session.js";
export * from "./stream.js";

/** Every route's path begins with it. */
export const API_PREFIX = "/api/v1";

/** The whole API: name → route. A route that is not here does not exist. */
export const routes = { ...sessionRoutes, ...roomRoutes, ...healthRoutes } as const;

/** A route's name. */
export type RouteName = keyof typeof routes;
