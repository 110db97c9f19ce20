import { fileURLToPath } from "node:url";

/** The product's program: run it with node, set up by its environment. */
export const serverMainPath: string = fileURLToPath(new URL("./main.js", import.meta.url));

/** The operator's program. */
export const cliMainPath: string = fileURLToPath(new URL("./cli.js", import.meta.url));
