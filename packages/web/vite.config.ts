import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// Vite takes over a NODE_ENV that is set: a build under NODE_ENV=test would carry React's development half.
process.env["NODE_ENV"] = "production";

/** What the contract says of each route and field is for the API's page: no reviewer needs to load it. */
function withoutApiWords(): Plugin {
  return {
    name: "without-api-words",
    transform(code, id) {
      if (!/[\\/]contract[\\/]dist[\\/]/.test(id)) return null;
      return { code: code.replace(/\b(summary|description):\s*"(?:[^"\\]|\\.)*"/g, '$1: ""'), map: null };
    },
  };
}

/**
 * The server checks what it takes and gives; the app uses the contract's types, paths and plain constants, and no schema.
 * TypeBox and what it would build come to a tenth of a reviewer's first load: every schema is the same empty one here.
 */
function withoutSchemas(): Plugin {
  const name = "\0no-schemas";
  return {
    name: "without-schemas",
    enforce: "pre",
    resolveId: (id) => (id === "typebox" ? name : null),
    load: (id) =>
      id === name
        ? `const none = { properties: {}, anyOf: [] };
export const Type = new Proxy({}, { get: () => () => none });`
        : null,
  };
}

export default defineConfig({
  plugins: [react(), withoutSchemas(), withoutApiWords()],
  // The light build has all that one picture with its sound needs, in two thirds of the size; its types are the same.
  resolve: { alias: [{ find: /^hls\.js$/, replacement: "hls.js/light" }] },
  css: {
    preprocessorOptions: { scss: { loadPaths: ["node_modules", "../../node_modules"], quietDeps: true } },
  },
  build: {
    outDir: "dist/app",
    rolldownOptions: { input: ["index.html", "conference-left.html"] },
    emptyOutDir: true,
    target: ["chrome111", "safari16.4", "firefox115"],
    // The server's Content-Security-Policy takes files only: nothing may be turned into a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
