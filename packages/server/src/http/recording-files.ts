import { type FileHandle, open } from "node:fs/promises";
import {
  API_PREFIX,
  recordingFilePath,
  recordingRoutes,
  recordingThumbnailPath,
  roomRoutes,
  roomThumbnailPath,
} from "@colourstream/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { mayRun } from "../domain/permission.js";
import type { StoredRecording } from "../store/recordings.js";
import type { AccessCheck, Login } from "./access.js";
import { attachmentNamed, parseByteRange } from "./byte-range.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";

const MAX_AT_ONCE = 128; // each holds a file open
const STALLED_MS = 120_000; // a reader that takes nothing for so long is let go; a player asks for the rest by range
const READ_BYTES = 256 * 1024;
/** What is opened by itself, not in our page, may do nothing at all. */
const SANDBOX = "default-src 'none'; sandbox";

/** Serves what was recorded, and small pictures of it, to whoever may read the recording. */
export function serveRecordingFiles(app: FastifyInstance, access: AccessCheck, product: Product): void {
  const { directory, recordings } = product;
  const known = new WeakMap<FastifyRequest, Login>();
  let underWay = 0;

  const route = (
    url: string,
    asRoute: typeof recordingRoutes.readRecording | typeof roomRoutes.readRoom,
    handler: (request: FastifyRequest, reply: FastifyReply, login: Login) => Promise<unknown>,
  ): void => {
    app.route({
      method: ["GET", "HEAD"],
      url: API_PREFIX + url,
      schema: { params: asRoute.params },
      preParsing: async (request) => {
        const { roomId } = request.params as { roomId?: string };
        known.set(request, await access.need(asRoute, request, roomId ?? null));
      },
      handler: async (request, reply) => {
        const login = known.get(request);
        if (login === undefined) throw new Error(`${url} was reached without a check of who asks`);
        reply.header("content-security-policy", SANDBOX);
        return handler(request, reply, login);
      },
    });
  };

  const needRecording = async (request: FastifyRequest, { user }: Login): Promise<StoredRecording> => {
    const { recordingId } = request.params as { recordingId: string };
    const found = await recordings.find(recordingId);
    const room = found === null ? null : directory.byId(found.roomId);
    if (found === null || room === null || !mayRun(user, room)) throw new ApiError("not_found");
    return found;
  };

  /** The file under the name that it has now: it may become a plain MP4 while we look. */
  const openRecording = async (recording: StoredRecording): Promise<{ file: FileHandle; grows: boolean }> => {
    for (let tries = 0; tries < 2; tries += 1) {
      const path = recordings.filePath(recording);
      if (path === null) break;
      try {
        return { file: await open(path, "r"), grows: path.endsWith(".part.mp4") };
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    throw new ApiError("not_found");
  };

  route(recordingFilePath(":recordingId"), recordingRoutes.readRecording, async (request, reply, login) => {
    const recording = await needRecording(request, login);
    if (underWay >= MAX_AT_ONCE) throw new ApiError("too_many_attempts", { retryAfterMs: 2_000 });
    const { file, grows } = await openRecording(recording);
    underWay += 1;
    let isOpen = true;
    const done = (): void => {
      if (!isOpen) return;
      isOpen = false;
      underWay -= 1;
    };
    try {
      const { size, mtimeMs } = await file.stat();
      // What is there of a growing file stays as it is: a byte's place tells which it is.
      const etag = grows ? `"${recording.id}"` : `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`;
      const { download } = request.query as { download?: unknown };
      reply
        .header("accept-ranges", "bytes")
        // A page that plays it again names another query: Chromium keeps what it has of an address as long as a page.
        .header("cache-control", grows ? "no-store" : "private, no-cache")
        .header("etag", etag)
        .header("content-disposition", download === undefined ? "inline" : attachmentNamed(recording.name))
        .type("video/mp4");
      const modified = new Date(mtimeMs).toUTCString();
      if (!grows) reply.header("last-modified", modified);

      const { range, "if-range": ifRange, "if-none-match": ifNoneMatch } = request.headers;
      if (ifNoneMatch === etag && !grows) {
        await file.close();
        done();
        return reply.status(304).send();
      }
      const isSame = ifRange === undefined || ifRange === etag || (!grows && ifRange === modified);
      const asked = isSame ? parseByteRange(range, size) : "all";
      if (asked === "unsatisfiable") {
        await file.close();
        done();
        return reply.status(416).header("content-range", `bytes */${size}`).send();
      }
      const { first, last } = asked === "all" ? { first: 0, last: size - 1 } : asked;
      if (asked !== "all") reply.status(206).header("content-range", `bytes ${first}-${last}/${size}`);
      reply.header("content-length", last - first + 1);
      if (request.method === "HEAD" || last < first) {
        await file.close();
        done();
        return reply.send();
      }
      reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
      const bytes = file.createReadStream({ start: first, end: last, highWaterMark: READ_BYTES });
      bytes.once("close", done);
      return reply.send(bytes);
    } catch (error) {
      await file.close();
      done();
      throw error;
    }
  });

  route(
    recordingThumbnailPath(":recordingId"),
    recordingRoutes.readRecording,
    async (request, reply, login) => {
      const path = recordings.thumbnailPath(await needRecording(request, login));
      if (path === null) throw new ApiError("not_found");
      const file = await open(path, "r").catch((error: unknown) => {
        if (isMissing(error)) throw new ApiError("not_found");
        throw error;
      });
      try {
        reply.header("cache-control", "private, max-age=86400, immutable"); // a recording's first picture stays
        return reply.type("image/jpeg").send(await file.readFile());
      } finally {
        await file.close();
      }
    },
  );

  route(roomThumbnailPath(":roomId"), roomRoutes.readRoom, async (request, reply) => {
    const { roomId } = request.params as { roomId: string };
    const jpeg = await recordings.liveThumbnail(roomId);
    if (jpeg === null) throw new ApiError("not_found");
    return reply.header("cache-control", "private, max-age=5").type("image/jpeg").send(Buffer.from(jpeg));
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
