import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Chat, ChatView } from "../../../live/chat.js";
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
  const latest = useRef(presence);
  useEffect(() => {
    latest.current = presence;
  });
  useEffect(() => {
    let made: Chat | null = null;
    let isOver = false;
    const personId = () => {
      const { you, people } = latest.current;
      return people.find(({ id }) => id === you)?.personId ?? null;
    };
    void import("../../../live/chat.js").then(({ createChat }) => {
      if (isOver) return;
      made = createChat({ roomId, line, personId });
      setChat(made);
    });
    return () => {
      isOver = true;
      made?.close();
      setChat(null);
    };
  }, [roomId, line]);
  return chat;
}

const nothing = () => () => undefined;
const none = () => null;

/** What a chat shows now, kept up to date; null until there is one. */
export function useChatView(chat: Chat | null): ChatView | null {
  return useSyncExternalStore(chat?.subscribe ?? nothing, chat?.view ?? none);
}
