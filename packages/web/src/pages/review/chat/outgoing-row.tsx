import type { Chat } from "../../../live/chat.js";
import type { OutgoingMessage } from "../../../live/chat-acts.js";
import { Button } from "../../../ui/button.js";
import { MessageText } from "./message-text.js";

/** One of our own messages that the room does not have yet. */
export function OutgoingRow({ message, chat }: { message: OutgoingMessage; chat: Chat }) {
  const { clientId, text, audience, state } = message;
  return (
    <li className="cs-chat__message" data-testid="chat-outgoing" data-own="true" data-state={state.is}>
      <MessageText text={text} mentions={[]} me={null} />
      {state.is === "refused" ? (
        <div className="cs-chat__refused">
          <p>Not sent. {state.why}</p>
          <div className="cs-chat__acts">
            <Button small look="secondary" onClick={() => chat.retry(clientId)}>
              Try again
            </Button>
            <Button small look="secondary" onClick={() => chat.discard(clientId)}>
              Discard
            </Button>
          </div>
        </div>
      ) : (
        <p className="cs-chat__state">
          {state.is === "held" ? "Not sent yet" : "Sending…"}
          {audience === "side" && ", client’s side only"}
        </p>
      )}
    </li>
  );
}
