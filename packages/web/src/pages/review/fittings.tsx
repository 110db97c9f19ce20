import type { Participant, ReviewRoom } from "@colourstream/contract";
import { lazy, type RefObject, Suspense, useEffect, useState } from "react";
import type { Line } from "../../live/line.js";
import type { Presence } from "../../live/presence.js";
import { gentleWords } from "../../signal/viewer-words.js";
import { badgeWords } from "../../signal/way-words.js";
import { inOrder } from "../role-words.js";
import { usePeopleActs } from "../use-people-acts.js";
import { useChat, useChatView } from "./chat/use-chat.js";
import { Controls } from "./controls.js";
import { KeyboardHelp } from "./keyboard-help.js";
import { RoomPanel, TakesCaret } from "./panel/room-panel.js";
import { nextLayout, openTab, type PanelTab, type RoomView, withoutPanel, withPanel } from "./panel/view.js";
import { Notices } from "./people/notices.js";
import { PeoplePanel } from "./people/people-panel.js";
import { useHand } from "./people/use-hand.js";
import { useRoleNews } from "./people/use-role-news.js";
import { SignalPanel } from "./signal-panel.js";
import type { useFullScreen } from "./use-full-screen.js";
import { useKeys } from "./use-keys.js";
import type { usePicture } from "./use-picture.js";
import type { RoomPlayer } from "./use-player.js";

type FittingsProps = {
  review: ReviewRoom;
  people: readonly Participant[] | null;
  presence: Presence;
  line: Line;
  player: RoomPlayer;
  picture: ReturnType<typeof usePicture>;
  fullScreen: ReturnType<typeof useFullScreen>;
  frame: RefObject<HTMLDivElement | null>;
  /** Where the filmstrip is docked; null: it floats. */
  strip: HTMLElement | null;
  view: RoomView;
  /** `isChosen`: the layout itself was chosen, and is kept for the next time. */
  onView: (change: (before: RoomView) => RoomView, isChosen: boolean) => void;
};

/** The call is our own mesh, or MiroTalk's page in a frame. */
const CallLayer = lazy(() => import("./call/call-layer.js").then((file) => ({ default: file.CallLayer })));
const FrameLayer = lazy(() => import("./call/frame-layer.js").then((file) => ({ default: file.FrameLayer })));
const ChatPanel = lazy(() => import("./chat/chat-panel.js").then((file) => ({ default: file.ChatPanel })));

/**
 * Where the panel has a place of its own when it opens: beside the picture from 1024 pixels on and on a phone on its
 * side, below it in a window that is higher than wide. Elsewhere it would make the picture small.
 */
const HAS_ROOM_FOR_PANEL = matchMedia("(min-width: 1024px), (max-height: 480px), (max-aspect-ratio: 1/1)");

/** Everything in the room beside the picture. */
export function Fittings(props: FittingsProps) {
  const { review, people, presence, line, player, picture, fullScreen, frame, strip, view, onView } = props;
  const { stream, isHost } = review;
  const { measured, sound, hasPicture, way } = player;
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [bar, setBar] = useState<HTMLElement | null>(null);
  const [takesFocus, setTakesFocus] = useState(false);
  const chat = useChat({ roomId: review.id, line, presence });
  const unread = useChatView(chat)?.unread ?? 0;
  const acts = usePeopleActs(review.id);
  const waiting = isHost ? inOrder(people ?? [], "waiting") : [];
  const tab = openTab(view);
  const [said, setSaid] = useState<string | null>(null);
  const hand = useHand(review.id, line, presence, () => setSaid("Your hand was lowered by a host."));
  useRoleNews(review, setSaid);
  useUnfocusedPress(frame);

  const closePanel = () => {
    if (document.activeElement?.closest(".cs-panel") != null) {
      document.getElementById(`${tab}-toggle`)?.focus(); // where the keyboard came from
    }
    onView(withoutPanel, false);
  };
  const open = (which: PanelTab, byKeyboard: boolean) => {
    setTakesFocus(byKeyboard);
    onView((before) => withPanel(before, which, HAS_ROOM_FOR_PANEL.matches), false);
  };
  const toggle = (which: PanelTab, byKeyboard: boolean) => {
    if (tab === which) closePanel();
    else open(which, byKeyboard);
  };
  const Call = review.callKind === "mirotalk" ? FrameLayer : CallLayer;
  const changeLayout = () => onView(nextLayout, true);
  useKeys({
    i: () => toggle("signal", true),
    p: () => toggle("people", true),
    c: () => toggle("chat", true),
    l: changeLayout,
    h: hand.toggle,
    ...(tab === null ? {} : { escape: closePanel }),
    "?": () => setHelpOpen(true),
  });

  return (
    <>
      <Controls
        sound={sound}
        delayed={badgeWords(way, measured?.latencyMs ?? null)}
        scale={picture.scale}
        onScale={picture.toggle}
        fullScreen={fullScreen}
        barRef={setBar}
        panel={tab}
        onPanel={toggle}
        layout={view.layout}
        onLayout={changeLayout}
        hand={hand}
        waiting={waiting.length}
        unread={unread}
        onHelp={() => setHelpOpen(true)}
        hasPicture={hasPicture}
      />
      <Notices
        review={review}
        waiting={waiting}
        presence={presence}
        acts={acts}
        isPeopleOpen={tab === "people"}
        said={said}
        onSaid={() => setSaid(null)}
        onSeePeople={() => open("people", true)}
      />
      {bar !== null && (
        <Suspense>
          <Call
            review={review}
            line={line}
            presence={presence}
            player={player}
            bar={bar}
            strip={strip}
            layout={view.layout}
            onPlace={() => onView((before) => ({ ...before, layout: "tiles", isOver: false }), false)}
          />
        </Suspense>
      )}
      {tab !== null && (
        <RoomPanel
          tab={tab}
          onTab={(next) => open(next, false)}
          waiting={waiting.length}
          unread={unread}
          takesFocus={takesFocus}
          onClose={closePanel}
        >
          <Suspense>
            {tab === "people" && (
              <PeoplePanel review={review} people={people} presence={presence} acts={acts} />
            )}
            {tab === "chat" && chat !== null && <ChatPanel review={review} presence={presence} chat={chat} />}
            {tab === "chat" && takesFocus && <TakesCaret selector="[data-testid=chat-input]" />}
            {tab === "signal" && (
              <SignalPanel
                stream={stream}
                measured={measured}
                shownAt={picture.percent}
                gentle={gentleWords(stream?.warnings ?? [], way)}
                way={way}
                suits={player.suits}
                choice={player.choice}
                onChoice={player.choose}
              />
            )}
          </Suspense>
        </RoomPanel>
      )}
      <KeyboardHelp review={review} isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </>
  );
}

/**
 * A button that was pressed with a pointer does not keep the focus: the space bar, which opens the microphone, would
 * press it again. Who goes by keyboard has the focus where they put it.
 */
function useUnfocusedPress(frame: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const box = frame.current;
    const keep = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest("button") !== null) event.preventDefault();
    };
    box?.addEventListener("mousedown", keep);
    return () => box?.removeEventListener("mousedown", keep);
  }, [frame]);
}
