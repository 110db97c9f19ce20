import { existsSync } from "node:fs";
import { join } from "node:path";
import staticFiles from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "./errors.js";
import { FRAMED_PAGE_HEADERS } from "./headers.js";

/** Where the build puts the web app. Files below `assets/` have their content's hash in their name. */
const APP_FOLDER = join("packages", "web", "dist", "app");
const NOT_BUILT = "The web app is not built. Run: npm run build\n";
/** Where MiroTalk's page leads, in its frame, when the call is left: the page around it is told so. */
const LEFT_PATH = "/conference-left";

/**
 * Serves the web app: its files, and its one page for every address that is not a file. `isAtLocalhost`: this
 * machine's passkeys work at localhost. Its own page opened by its number leads there: they are bound to a name.
 */
export async function serveWebApp(
  app: FastifyInstance,
  projectRoot: string,
  isAtLocalhost: boolean,
): Promise<void> {
  const root = join(projectRoot, APP_FOLDER);
  const isBuilt = existsSync(join(root, "index.html"));
  if (isBuilt) {
    await app.register(staticFiles, {
      root,
      index: false,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(join(root, "assets"));
        const otherwise = path.endsWith("index.html") ? "no-store" : "no-cache";
        reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : otherwise);
      },
    });
  }
  app.get(LEFT_PATH, async (_request, reply) => {
    reply.headers(FRAMED_PAGE_HEADERS);
    if (!isBuilt) return reply.status(503).type("text/plain").send(NOT_BUILT);
    return reply.sendFile("conference-left.html");
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "/";
    const isPage = ["GET", "HEAD"].includes(request.method) && !/^\/(api|whep|assets)(\/|$)/.test(path);
    if (!isPage) throw new ApiError("not_found");
    const byName = byNameOfThisMachine(request);
    if (isAtLocalhost && byName !== null) return reply.redirect(byName + request.url, 307);
    if (!isBuilt) {
      return reply.status(503).type("text/plain").send(NOT_BUILT);
    }
    return reply.sendFile("index.html");
  });
}

/** `http://localhost` with the request's port, where it was made to the loopback address by its number. */
function byNameOfThisMachine({ protocol, headers }: FastifyRequest): string | null {
  const [isByNumber, port = ""] = /^(?:127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.exec(headers.host ?? "") ?? [];
  return isByNumber === undefined || protocol !== "http" ? null : `http://localhost${port}`;
}
