import type { ChatAudience, ChatMessage, ClientMessage } from "@colourstream/contract";

/** One of our own messages on its way: `held` while there is no connection, `refused` with why it will not be sent. */
export type OutgoingMessage = {
  readonly clientId: string;
  readonly text: string;
  readonly audience: ChatAudience;
  readonly state: { readonly is: "sending" | "held" } | { readonly is: "refused"; readonly why: string };
};

/** What is to be said, in its order. `why`: refused, and waits for a person to decide. */
export type Act =
  | {
      readonly is: "send";
      readonly ref: string;
      readonly text: string;
      readonly mentions: readonly string[];
      readonly audience: ChatAudience;
      readonly why: string | null;
    }
  | { readonly is: "edit"; readonly ref: string; readonly text: string; readonly mentions: readonly string[] }
  | { readonly is: "delete"; readonly ref: string };

/** How it is said. */
export function messageFor(act: Act): ClientMessage {
  switch (act.is) {
    case "send": {
      const { ref, text, mentions, audience } = act;
      return { type: "chat.send", clientId: ref, text, mentions: [...mentions], audience };
    }
    case "edit":
      return { type: "chat.edit", id: act.ref, text: act.text, mentions: [...act.mentions] };
    case "delete":
      return { type: "chat.delete", id: act.ref };
  }
}

/** Whether a message as it is now is what an act was to bring about. An edit has to have been said to be answered. */
export function isAnsweredBy(
  act: Act,
  message: ChatMessage,
  before: ChatMessage | undefined,
  underWay: string | null,
): boolean {
  switch (act.is) {
    case "send":
      return act.ref === message.clientId;
    case "edit":
      return act.ref === message.id && act.ref === underWay && message.editedAt !== before?.editedAt;
    case "delete":
      return act.ref === message.id && message.deletedAt !== null;
  }
}

/** A message as it will be once what is under way has happened. */
export function withActs(message: ChatMessage, acts: readonly Act[]): ChatMessage {
  if (!acts.some(({ is, ref }) => is !== "send" && ref === message.id)) return message;
  let { text, mentions, editedAt, deletedAt } = message;
  for (const act of acts) {
    if (act.is === "send" || act.ref !== message.id || deletedAt !== null) continue;
    if (act.is === "edit") {
      text = act.text;
      editedAt ??= message.at;
    } else {
      text = "";
      mentions = [];
      deletedAt = message.at;
    }
  }
  return { ...message, text, mentions, editedAt, deletedAt };
}

/** One of our own messages as the page shows it. */
export function outgoingFrom(act: Extract<Act, { is: "send" }>, isUp: boolean): OutgoingMessage {
  const { ref, text, audience, why } = act;
  const state =
    why !== null ? ({ is: "refused", why } as const) : ({ is: isUp ? "sending" : "held" } as const);
  return { clientId: ref, text, audience, state };
}
