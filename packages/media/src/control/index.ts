import { fileURLToPath } from "node:url";

export { connectEngine, type EngineLink, type ProductDuties } from "./client.js";
export { ControlFailure } from "./peer.js";
export { ENGINE_AUDIENCE, PRODUCT_ISSUER } from "./product-token.js";
export * from "./protocol.js";
export { hashSettings, SETTINGS_VARIABLE } from "./settings.js";

/** The engine's program, to be started as a process of its own with `EngineSettings` in its environment. */
export const engineMainPath: string = fileURLToPath(new URL("../main.js", import.meta.url));
