import { fileURLToPath } from "node:url";

export type { FinaliserAnswer } from "../egress/recording/finaliser-answer.js";
export { connectEngine, type EngineLink, type ProductDuties } from "./client.js";
export { ControlFailure } from "./peer.js";
export { ENGINE_AUDIENCE, PRODUCT_ISSUER } from "./product-token.js";
export * from "./protocol.js";
export { hashSettings, SETTINGS_VARIABLE } from "./settings.js";

/** The engine's program, to be started as a process of its own with `EngineSettings` in its environment. */
export const engineMainPath: string = fileURLToPath(new URL("../main.js", import.meta.url));

/** The program that makes a recording a plain MP4; told the folder and the recording's id, it says a `FinaliserAnswer`. */
export const finaliserPath: string = programPath("finaliser-main");

/**
 * The program that makes a JPEG of an MP4's first picture; told the MP4, a name to write to, and the name to give it
 * when it is whole. Exit code 3: this machine has no decoder.
 */
export const thumbnailerPath: string = programPath("thumbnailer-main");

function programPath(name: string): string {
  return fileURLToPath(new URL(`../egress/recording/${name}.js`, import.meta.url));
}
