import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { REALTIME_PATH } from "@colourstream/contract";
import cookie from "@fastify/cookie";
import websocket from "@fastify/websocket";
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import { byHousehold, createAttempts } from "../auth/attempts.js";
import { PROJECT_ROOT } from "../config.js";
import type { EngineAnswer, EngineRequest } from "../engine/embedded/ask-engine.js";
import type { OpenAnswer, OpenRequest } from "../engine/embedded/open-engine.js";
import type { OmeAdmission } from "../engine/ovenmediaengine/admission.js";
import type { OmeConfig } from "../engine/ovenmediaengine/ome-config.js";
import { measureProduct } from "../metrics/product-metrics.js";
import { measureRequests } from "../metrics/request-metrics.js";
import { createRealtime, type Realtime } from "../realtime/realtime.js";
import { createAccessCheck } from "./access.js";
import { bearerOf } from "./bearer.js";
import { createBudget } from "./budget.js";
import { callHandlers } from "./call.js";
import { chatHandlers } from "./chat.js";
import { checkHandlers } from "./check.js";
import { serveCheckBytes } from "./check-bytes.js";
import type { Product } from "./context.js";
import { createCookies } from "./cookies.js";
import { engineHandlers } from "./engine.js";
import { passSignallingThrough } from "./engine-pass.js";
import { ApiError, answerError, GUESSED_WRONG } from "./errors.js";
import { securityHeaders } from "./headers.js";
import { createPartsCheck, healthHandlers } from "./health.js";
import { HLS_PATH, passHlsThrough } from "./hls.js";
import { needOwnHost } from "./host.js";
import { implement } from "./implement.js";
import { invitationHandlers } from "./invitations.js";
import { serveJwks } from "./jwks.js";
import { serveMetrics } from "./metrics.js";
import { OME_ADMISSION_ALLOWANCE, OME_ADMISSION_PATH, serveOmeAdmission } from "./ome-admission.js";
import { describeApi, OPENAPI_PATH } from "./openapi.js";
import { isOwnOrigin, needOwnOrigin } from "./origin.js";
import { participantHandlers } from "./participants.js";
import { passkeyHandlers } from "./passkeys.js";
import { presenceHandlers } from "./presence.js";
import { type Probes, serveProbes } from "./probes.js";
import { serveRecordingFiles } from "./recording-files.js";
import { recordingHandlers } from "./recordings.js";
import { createRequestIds, logRequests } from "./request-log.js";
import { reviewHandlers } from "./review.js";
import { roomHandlers } from "./rooms.js";
import { securityHandlers } from "./security.js";
import { sessionHandlers } from "./session.js";
import { settingsHandlers } from "./settings.js";
import { tokenHandlers } from "./tokens.js";
import { userHandlers } from "./users.js";
import { compileValidator } from "./validation.js";
import { serveWebApp } from "./web-app.js";

const BODY_BYTES = 64 * 1024; // the longest body of the contract is under 1 kB
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 4_096;
const MISSES = { count: 60, inMs: 60_000 };
/** Opened by what is in `Authorization`, never by a cookie. */
const SIGNALLING = ["/whep", "/whip"] as const;
const NO_COOKIE = [...SIGNALLING, HLS_PATH];
/** A viewer over HLS asks ten times a second, and fifty of them may sit behind one address. */
const HLS_ALLOWANCE = { perSecond: 600, burst: 1_500 } as const;

/** What the HTTP side needs besides the product. */
export type AppOptions = {
  readonly product: Product;
  readonly log: Logger;
  /** Asks the engine what a player or an encoder asks for. */
  readonly askEngine: (request: EngineRequest) => Promise<EngineAnswer>;
  /** The same, for answers that are passed on while they come. */
  readonly openEngine: (request: OpenRequest) => Promise<OpenAnswer>;
  /** Answers OvenMediaEngine's AdmissionWebhooks; null: the embedded engine asks by its control socket. */
  readonly admission: OmeAdmission | null;
};

/** The HTTP side, ready to listen. LIFECYCLE.md beside this file draws a request's way through it. */
export async function createApp({ product, log, askEngine, openEngine, admission }: AppOptions): Promise<{
  app: FastifyInstance;
  realtime: Realtime;
  probes: Probes;
}> {
  const { publicUrl, trustedProxies } = product.config;
  const headers = securityHeaders(publicUrl, {
    conference: product.config.mirotalk?.url ?? null,
    engines: enginesOf(product.config.ome),
  });
  /** What every answer has, refusals too. */
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(headers);
    reply.header("x-request-id", request.id);
    // Node's HTTP server lets go of a socket that asks for an upgrade: one that is refused it must be closed by us.
    if (isUpgrade(request)) reply.raw.once("finish", () => request.raw.socket.destroySoon());
    if (request.url.startsWith("/api/")) reply.header("cache-control", "no-store");
  };
  const hasBudget = createBudget(() => performance.now());
  const hasHlsBudget = createBudget(() => performance.now(), HLS_ALLOWANCE);
  const hasAdmissionBudget = createBudget(() => performance.now(), OME_ADMISSION_ALLOWANCE);
  /** Signed over its body: no Origin, no cookie and no Host count for anything there. */
  const isAdmission = ({ url }: FastifyRequest): boolean => admission !== null && url === OME_ADMISSION_PATH;
  const refusalOfPeer = (request: FastifyRequest): ApiError | null => {
    const { ip, url } = request;
    if (product.blocks.isBlocked(ip)) return new ApiError("address_blocked");
    const budget = isAdmission(request)
      ? hasAdmissionBudget
      : url.startsWith(`${HLS_PATH}/`)
        ? hasHlsBudget
        : hasBudget;
    const isIn = budget(ip);
    return isIn ? null : new ApiError("too_many_attempts", { retryAfterMs: 1_000 });
  };
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }), // LOG_REQUESTS has lines of our own
    genReqId: createRequestIds(trustedProxies > 0, randomBytes),
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: REQUEST_MS,
    trustProxy: (_address, hop) => hop < trustedProxies,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: true,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: true },
    clientErrorHandler: (error, socket) => refuseRaw(error, socket, headers),
    // An address that cannot even be decoded reaches no hook.
    frameworkErrors: (error, request, reply) => {
      begin(request, reply);
      answerError(refusalOfPeer(request) ?? error, request, reply);
    },
  }) as unknown as FastifyInstance;
  app.server.maxConnections = MAX_CONNECTIONS;

  const registry = new Registry();
  const { refused } = measureRequests(app, registry);
  if (product.config.requestLog.isOn) logRequests(app, product.config.requestLog.clients);

  const port = (): number => {
    const address = app.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  };
  const own = { publicUrl, port };
  const cookies = createCookies(publicUrl?.startsWith("https:") === true);
  const now = (): number => performance.now();
  const access = createAccessCheck({
    cookies,
    sessions: product.sessions,
    directory: product.directory,
    tokens: product.tokens,
    misses: byHousehold(createAttempts(MISSES, now)),
    stepUpMs: product.config.stepUpMs,
    wallClock: product.wallClock,
  });

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const code = answerError(error, request, reply);
    refused(code);
    if (GUESSED_WRONG.has(code)) product.suspects.note(request.ip);
  });
  app.setValidatorCompiler(compileValidator);
  app.addHook("onRequest", async (request, reply) => {
    begin(request, reply);
    const refusal = refusalOfPeer(request);
    if (refusal !== null) throw refusal;
    if (isAdmission(request)) return;
    const { method } = request;
    const { origin, host } = request.headers;
    if (publicUrl === null) needOwnHost({ publicAddress: product.settings.now().publicAddress }, host);
    const needsNoCookie = NO_COOKIE.some(
      (path) => request.url === path || request.url.startsWith(`${path}/`),
    );
    // A player or an encoder that is no browser sends no Origin; a ticket or a key lets in there, not a cookie.
    if (needsNoCookie && (origin === undefined || isOwnOrigin(own, origin, host))) return;
    // A program with an API token is no browser: no cookie counts beside the token, so nobody can make one send it.
    if (bearerOf(request) !== null && !isUpgrade(request)) return;
    needOwnOrigin(own, { method, isUpgrade: isUpgrade(request), origin, host });
  });
  // A body is JSON or nothing: a form, or text/plain from another site's script, is refused before it is read.
  app.removeContentTypeParser("text/plain");

  await app.register(cookie);
  const realtime = createRealtime({ product, access, log });
  await app.register(websocket, { options: realtime.socketOptions, errorHandler: realtime.onError });
  app.get(
    REALTIME_PATH,
    { websocket: true, preValidation: async (request) => realtime.admit(request) },
    (socket, request) => realtime.take(socket, request),
  );

  const parts = createPartsCheck(product);
  implement(app, access, {
    ...sessionHandlers(product, cookies, now),
    ...passkeyHandlers(product, cookies),
    ...userHandlers(product),
    ...roomHandlers(product),
    ...reviewHandlers(product, cookies),
    ...participantHandlers(product),
    ...presenceHandlers(product),
    ...chatHandlers(product),
    ...callHandlers(product),
    ...invitationHandlers(product, cookies),
    ...settingsHandlers(product),
    ...securityHandlers(product),
    ...tokenHandlers(product),
    ...recordingHandlers(product),
    ...checkHandlers(product, access, now),
    ...engineHandlers(product),
    ...healthHandlers(product, parts),
  });
  serveCheckBytes(app, now);
  serveRecordingFiles(app, access, product);
  serveJwks(app, product.serviceKeys);
  app.get(OPENAPI_PATH, async () => describeApi(product.version));
  for (const path of SIGNALLING) passSignallingThrough(app, path, askEngine);
  passHlsThrough(app, openEngine, now);
  if (admission !== null) serveOmeAdmission(app, admission);
  const probes = serveProbes(app, parts);
  measureProduct(registry, product, { parts, sockets: realtime.sockets });
  serveMetrics(app, product.config, registry);
  await serveWebApp(app, PROJECT_ROOT, publicUrl === null);
  return { app, realtime, probes };
}

/** Where browsers reach OvenMediaEngine, beside our own origin. */
function enginesOf(ome: OmeConfig | null): string[] {
  if (ome === null) return [];
  return [...new Set([ome.origin, ...ome.edges].flatMap(({ publicUrl }) => publicUrl ?? []))];
}

function isUpgrade(request: FastifyRequest): boolean {
  return request.headers.upgrade !== undefined;
}

/** What was not even HTTP, or came too slowly, is answered before Fastify sees it. */
function refuseRaw(error: Error & { code?: string }, socket: Socket, headers: Record<string, string>): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const isSlow = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const isLong = error.code === "HPE_HEADER_OVERFLOW";
  const status = isSlow
    ? "408 Request Timeout"
    : isLong
      ? "431 Request Header Fields Too Large"
      : "400 Bad Request";
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join("\r\n")}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
