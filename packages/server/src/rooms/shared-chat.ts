import type { Bus, Said } from "../bus/bus.js";
import type { Chat, ChatNews } from "./chat.js";

/**
 * Chat over all server processes: what one of them wrote is told at the others. The numbers are the database's, so a
 * change that comes late or not at all is seen, and read.
 */
export function createSharedChat(own: Chat, bus: Bus): Chat {
  const listeners: ((news: ChatNews) => void)[] = [];
  const tell = (news: ChatNews): void => {
    for (const listener of listeners) listener(news);
  };
  own.onNews((news) => {
    bus.say("chat", news as unknown as Said);
    tell(news);
  });
  bus.hear("chat", (what) => tell(what as unknown as ChatNews)); // only our own processes speak here
  bus.onGap(() => tell({ roomId: null, is: "missed" }));
  return {
    ...own,
    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}
