import { useState, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import type { FrameCall } from "../../../conference/frame-call.js";
import { CallFrame } from "./call-frame.js";
import type { CallLayerProps } from "./call-layer.js";
import { endWords } from "./call-words.js";
import { FrameBar } from "./frame-bar.js";
import { type FrameChoice, keepFrameChoice, readFrameChoice } from "./frame-choice.js";
import { Notices } from "./notices.js";
import { useFrameCall, useFrameCallView } from "./use-frame-call.js";
import { useViewingReport } from "./use-viewing-report.js";

/** A phone on its side has one place beside the picture: an open panel stands in it. */
const PHONE_ON_ITS_SIDE = matchMedia("(max-height: 480px) and (min-width: 561px)");

/** The call in the room where it is MiroTalk's: its page in a frame. Loaded after the picture. */
export function FrameLayer(props: CallLayerProps) {
  const { review, line, presence, player } = props;
  useViewingReport(line, player);
  const call = useFrameCall(review, line, presence);
  return call === null ? null : <FrameOfCall {...props} call={call} />;
}

function FrameOfCall({ review, bar, strip, layout, onPlace, call }: CallLayerProps & { call: FrameCall }) {
  const { role } = review.participant;
  const view = useFrameCallView(call);
  const [choice, setChoice] = useState<FrameChoice>(readFrameChoice);
  const change = (next: FrameChoice) => {
    keepFrameChoice(next);
    setChoice(next);
  };
  // With the picture alone there is no place for it: it would lie over the picture.
  const hasPlace = !(useIsPhoneOnItsSide() && layout === "panel") && strip !== null;
  const isShown = hasPlace && !choice.isHidden;
  const show = (shows: boolean) => {
    change({ ...choice, isHidden: !shows });
    if (shows && !hasPlace) onPlace();
  };
  const ended = view.is === "out" ? endWords(view.ended) : null;
  return (
    <>
      {createPortal(
        <FrameBar
          view={view}
          isObserver={role === "observer"}
          isShown={isShown}
          onJoin={() => {
            show(true); // who joins sees where
            call.join();
          }}
          onLeave={call.leave}
          onShow={show}
        />,
        bar,
      )}
      {view.is === "in" && (
        // What a frame may do counts from when it is loaded: a reviewer who is made an observer gets another.
        <CallFrame
          key={`${view.url} ${role === "observer"}`}
          url={view.url}
          role={role}
          isShown={isShown}
          choice={choice}
          onChoice={change}
          onLeft={call.leave}
        />
      )}
      <Notices notices={ended === null ? [] : [{ id: "call-ended", words: ended }]} />
    </>
  );
}

function useIsPhoneOnItsSide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      PHONE_ON_ITS_SIDE.addEventListener("change", changed);
      return () => PHONE_ON_ITS_SIDE.removeEventListener("change", changed);
    },
    () => PHONE_ON_ITS_SIDE.matches,
  );
}
