import type { FrameCallView } from "../../../conference/frame-call.js";
import { CallIcon, LeaveCallIcon, TilesIcon } from "./call-icons.js";

/** The call's part of the controls, where the call is MiroTalk's: in or out, shown or not. All else is in its page. */
export function FrameBar({
  view,
  isObserver,
  isShown,
  onJoin,
  onLeave,
  onShow,
}: {
  view: FrameCallView;
  /** Observers listen. */
  isObserver: boolean;
  isShown: boolean;
  onJoin: () => void;
  onLeave: () => void;
  onShow: (isShown: boolean) => void;
}) {
  const words = wordsOf(view);
  const isAway = view.is === "out" && view.ended === "away";
  const isFull = view.is === "out" && view.ended === "full";
  return (
    <section className="cs-pill cs-call" aria-label="Call" data-testid="call-bar" data-is={view.is}>
      {words !== null && (
        <span className="cs-call__words" role="status">
          {words}
        </span>
      )}
      {view.is === "out" && !isAway && !isFull && (
        <button
          type="button"
          className="cs-control cs-call__join"
          title="MiroTalk opens beside the picture and asks for your camera and microphone. Both are off at first."
          onClick={onJoin}
          data-testid="call-join"
        >
          <CallIcon />
          <span>{joinWords(view, isObserver)}</span>
        </button>
      )}
      {view.is === "in" && (
        <button
          type="button"
          className="cs-control cs-call__join"
          onClick={() => onShow(!isShown)}
          data-testid="call-frame-toggle"
        >
          <TilesIcon />
          <span>{isShown ? "Hide call" : "Show call"}</span>
        </button>
      )}
      {(view.is !== "out" || isAway) && (
        <button
          type="button"
          className="cs-control cs-call__leave"
          onClick={onLeave}
          data-testid="call-leave"
          aria-label={view.is === "in" ? "Leave call" : "Do not join"}
          title={view.is === "in" ? "Leave call. The picture goes on" : "Do not join"}
        >
          <LeaveCallIcon />
          <span className="cs-call__leave-word" aria-hidden="true">
            {view.is === "in" ? "Leave call" : "Do not join"}
          </span>
        </button>
      )}
    </section>
  );
}

/** What is to be said beside the buttons. */
function wordsOf(view: FrameCallView): string | null {
  switch (view.is) {
    case "joining":
      return "Joining the call…";
    case "waiting":
      return "The call begins when a host is in it";
    case "in":
      return null;
    case "out":
      if (view.ended === "left") return "You left the call";
      if (view.ended === "full") return "Call full";
      return view.ended === "away" ? "Call not reached yet" : null;
  }
}

function joinWords({ ended }: { readonly ended: string | null }, isObserver: boolean): string {
  if (ended === "left") return "Join again";
  if (ended === "elsewhere") return "Join here";
  return isObserver ? "Listen in" : "Join the call";
}
