import { Readable } from "node:stream";
import type { AuditEvent, QueryOf, securityRoutes } from "@colourstream/contract";
import { stringify } from "csv-stringify";
import { BlockRefusedError } from "../auth/blocks.js";
import type { AuditFilter, AuditPlace, AuditReader, ReadAuditEvent } from "../store/audit.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

const PAGE = 50;
const CSV_LINES = 100_000;
const CSV_PAGE = 1_000; // the embedded database does nothing else while it reads one
const ATTEMPTS_MS = 24 * 3_600_000;
const LATEST = 8.64e15; // ECMA-262 §21.4.1.1: no Date is later
const COLUMNS = ["time", "action", "actor", "actor_id", "room", "room_id", "address", "detail"];

/** Who is kept out, who tried, who did what. */
export function securityHandlers(product: Product): HandlersOf<typeof securityRoutes> {
  const { blocks, journal, wallClock } = product;
  const { auditReader } = product.store;

  return {
    listBlocks: async () => ({ blocks: await blocks.list() }),

    addBlock: async ({ body, actor, request }) => {
      try {
        const block = await blocks.add(body, "owner", request.ip);
        await journal.note("block.added", actor, { detail: `${block.address}: ${block.reason}` });
        return block;
      } catch (error) {
        if (error instanceof BlockRefusedError)
          throw new ApiError("invalid_request", { message: error.message });
        throw error;
      }
    },

    removeBlock: async ({ params, actor }) => {
      const block = await blocks.remove(params.blockId);
      if (block === null) throw new ApiError("not_found");
      await journal.note("block.removed", actor, { detail: block.address });
      return undefined;
    },

    listAttempts: async () => {
      const groups = await auditReader.refusedSince(new Date(wallClock() - ATTEMPTS_MS));
      return {
        attempts: groups.map(({ lastAt, ...group }) => ({
          ...group,
          lastAt: lastAt.getTime(),
          isBlocked: blocks.isBlocked(group.address),
        })),
      };
    },

    listAudit: async ({ query }) => {
      const limit = query.limit ?? PAGE;
      const before = query.before === undefined ? null : placeFrom(query.before);
      // One more than asked for tells whether there is a next page.
      const events = await auditReader.page(filterFrom(query), before, limit + 1);
      const page = events.slice(0, limit);
      const last = page.at(-1);
      return {
        events: page.map(eventFrom),
        next: events.length > limit && last !== undefined ? placeText(last) : null,
      };
    },

    exportAudit: async ({ query, actor, reply }) => {
      await journal.note("audit.exported", actor);
      reply.header("content-disposition", 'attachment; filename="audit.csv"');
      const lines = Readable.from(rows(auditReader, filterFrom(query)));
      // A cell that begins like a formula is quoted: a spreadsheet would run what a stranger typed as a name.
      const table = stringify({
        header: true,
        columns: COLUMNS,
        escape_formulas: true,
        record_delimiter: "\r\n",
      });
      lines.once("error", (error) => table.destroy(error));
      table.once("close", () => lines.destroy());
      return lines.pipe(table);
    },
  };
}

async function* rows(reader: AuditReader, filter: AuditFilter): AsyncGenerator<string[]> {
  let before: AuditPlace | null = null;
  for (let sent = 0; sent < CSV_LINES; ) {
    const page: ReadAuditEvent[] = await reader.page(filter, before, Math.min(CSV_PAGE, CSV_LINES - sent));
    for (const { at, action, actor, room, address, detail } of page) {
      const named = [actor?.name, actor?.id, room?.name, room?.id, address, detail];
      yield [at.toISOString(), action, ...named.map((cell) => cell ?? "")];
    }
    const last = page.at(-1);
    if (last === undefined || page.length < CSV_PAGE) return;
    before = last;
    sent += page.length;
  }
}

function filterFrom(query: QueryOf<(typeof securityRoutes)["exportAudit"]>): AuditFilter {
  const { from, to, ...rest } = query;
  return {
    ...rest,
    ...(from !== undefined && { from: dateFrom("from", from) }),
    ...(to !== undefined && { to: dateFrom("to", to) }),
  };
}

function dateFrom(name: string, ms: number): Date {
  if (Math.abs(ms) > LATEST)
    throw new ApiError("invalid_request", { message: `${name}: is no time in ms since 1970` });
  return new Date(ms);
}

/** A page ends at an event; where that is, is told as text that means nothing to whoever gets it. */
function placeText({ at, id }: AuditPlace): string {
  return `${at.getTime().toString(36)}.${id}`;
}

function placeFrom(text: string): AuditPlace {
  const [, at, id] = /^([0-9a-z]{1,9})\.([A-Za-z0-9_-]{1,40})$/.exec(text) ?? [];
  if (at === undefined || id === undefined)
    throw new ApiError("invalid_request", { message: "before: is no “next” of an earlier page" });
  return { at: new Date(Number.parseInt(at, 36)), id };
}

function eventFrom({ at, ...event }: ReadAuditEvent): AuditEvent {
  return { ...event, at: at.getTime() };
}
