import type { Room } from "@colourstream/contract";
import { useBlocker } from "@tanstack/react-router";
import { canCapture } from "../../publish/choice.js";
import { Confirm } from "../../ui/confirm.js";
import { ShareForm } from "./share-form.js";
import { ShareLive } from "./share-live.js";
import { useShare } from "./use-share.js";

/** Chooses what to send, sends it, and says how it goes. */
export function SharePanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const { share, start, stop, again, setSound } = useShare(room.id);
  const isSending = share.is === "sharing" && share.state.is !== "refused";
  const leaving = useBlocker({
    shouldBlockFn: () => isSending,
    enableBeforeUnload: isSending,
    withResolver: true,
  });
  if (!canCapture()) {
    return (
      <p className="govuk-inset-text" data-testid="share-insecure">
        Browsers share screens and cameras only on a secure page. Open the studio by its https address, or on
        the server’s own machine by http://localhost.
      </p>
    );
  }
  return (
    <>
      {leaving.status === "blocked" && (
        <Confirm
          title="Stop sharing and leave this page?"
          yes="Stop and leave"
          danger
          busy={false}
          onYes={() => {
            stop();
            leaving.proceed();
          }}
          onNo={leaving.reset}
        >
          <p className="govuk-body">The sharing runs on this page. Everyone in the room loses the picture.</p>
        </Confirm>
      )}
      {share.is === "sharing" ? (
        <ShareLive room={room} share={share} onStop={stop} onAgain={again} onSound={setSound} />
      ) : (
        <ShareForm
          busy={share.is === "asking"}
          error={share.is === "choosing" ? share.error : null}
          ended={share.is === "choosing" ? share.ended : null}
          onStart={start}
          onCancel={onClose}
        />
      )}
    </>
  );
}
