import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "../../../api/call.js";
import type { Chat, ChatView } from "../../../live/chat.js";
import { browserClock } from "../../../live/clock.js";
import type { Line } from "../../../live/line.js";
import type { Presence } from "../../../live/presence.js";

/** The room's chat, loaded after the picture; null until then. It lives as long as the room does. */
export function useChat({
  roomId,
  line,
  presence,
}: {
  roomId: string;
  line: Line;
  presence: Presence;
}): Chat | null {
  const [chat, setChat] = useState<Chat | null>(null);
  useEffect(() => {
    let made: Chat | null = null;
    let isOver = false;
    void import("../../../live/chat.js").then(({ createChat }) => {
      if (isOver) return;
      made = createChat({
        roomId,
        line,
        clock: browserClock,
        newId,
        earlier: (before) => api("listChat", { params: { roomId }, query: { before } }),
        storage: { ofTab: storageOf(() => sessionStorage), ofBrowser: storageOf(() => localStorage) },
      });
      setChat(made);
    });
    return () => {
      isOver = true;
      made?.close();
      setChat(null);
    };
  }, [roomId, line]);
  const { you, people } = presence;
  const personId = people.find(({ id }) => id === you)?.personId ?? null;
  useEffect(() => chat?.youAre(personId), [chat, personId]);
  return chat;
}

const nothing = () => () => undefined;
const none = () => null;

/** What a chat shows now, kept up to date; null until there is one. */
export function useChatView(chat: Chat | null): ChatView | null {
  return useSyncExternalStore(chat?.subscribe ?? nothing, chat?.view ?? none);
}

/** A browser that blocks storage refuses already to name it. */
function storageOf(name: () => Storage): Pick<Storage, "getItem" | "setItem"> {
  return {
    getItem: (key) => name().getItem(key),
    setItem: (key, value) => name().setItem(key, value),
  };
}

/** 128 random bits in base64url. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .slice(0, 22);
}
