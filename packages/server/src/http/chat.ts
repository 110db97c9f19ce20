import { Readable } from "node:stream";
import type { chatRoutes } from "@colourstream/contract";
import type { ChatPerson } from "../rooms/chat.js";
import type { Seat } from "./access.js";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

/** A room's chat outside the channel. */
export function chatHandlers(product: Product): HandlersOf<typeof chatRoutes> {
  const { chat, journal } = product;

  return {
    listChat: async ({ params: { roomId }, query, who }) => {
      const { messages, hasEarlier } = await chat.earlier(roomId, personOf(who), query.before ?? null);
      return { messages: [...messages], hasEarlier };
    },

    exportChat: async ({ params: { roomId }, who, reply }) => {
      reply.header("content-disposition", `attachment; filename="${fileNameOf(who.room.name)}"`);
      return Readable.from(chat.asText(roomId, personOf(who)));
    },

    clearChat: async ({ params: { roomId }, actor }) => {
      await chat.clear(roomId);
      await journal.note("chat.cleared", actor, { roomId });
      return undefined;
    },
  };
}

function personOf({ participant, personId, isHost }: Seat): ChatPerson {
  return { personId, name: participant.name, role: participant.role, isHost };
}

/** Letters and digits of the room's name, so that it is a file's on every system and needs no quoting. */
function fileNameOf(roomName: string): string {
  const plain = roomName
    .normalize("NFKD")
    .replace(/\p{M}/gu, "") // an accent of its own: é becomes e
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return plain === "" ? "chat.txt" : `${plain}-chat.txt`;
}
