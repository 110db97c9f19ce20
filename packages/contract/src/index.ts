import { callRoutes } from "./call.js";
import { chatRoutes } from "./chat.js";
import { checkRoutes } from "./check.js";
import { engineRoutes } from "./engine.js";
import { healthRoutes } from "./health.js";
import { invitationRoutes } from "./invitation.js";
import { participantRoutes } from "./participant.js";
import { passkeyRoutes } from "./passkey.js";
import { presenceRoutes } from "./presence.js";
import { recordingRoutes } from "./recording.js";
import { roomRoutes } from "./room.js";
import { securityRoutes } from "./security.js";
import { sessionRoutes } from "./session.js";
import { settingsRoutes } from "./settings.js";
import { tokenRoutes } from "./token.js";
import { userRoutes } from "./user.js";

export * from "./call.js";
export * from "./chat.js";
export * from "./check.js";
export * from "./engine.js";
export * from "./errors.js";
export * from "./health.js";
export * from "./invitation.js";
export * from "./nullable.js";
export * from "./participant.js";
export * from "./passkey.js";
export * from "./presence.js";
export * from "./realtime.js";
export * from "./recording.js";
export * from "./room.js";
export * from "./route.js";
export * from "./seat.js";
export * from "./security.js";
export * from "./session.js";
export * from "./settings.js";
export * from "./stream.js";
export * from "./token.js";
export * from "./user.js";

/** Every route's path begins with it. */
export const API_PREFIX = "/api/v1";

/** The whole API: name → route. A route that is not here does not exist. */
export const routes = {
  ...sessionRoutes,
  ...passkeyRoutes,
  ...userRoutes,
  ...roomRoutes,
  ...recordingRoutes,
  ...participantRoutes,
  ...presenceRoutes,
  ...chatRoutes,
  ...callRoutes,
  ...invitationRoutes,
  ...settingsRoutes,
  ...securityRoutes,
  ...tokenRoutes,
  ...checkRoutes,
  ...engineRoutes,
  ...healthRoutes,
} as const;

/** A route's name. */
export type RouteName = keyof typeof routes;
