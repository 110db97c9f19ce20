import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { api } from "../../../api/call.js";
import { sentence } from "../../../api/queries.js";
import type { Call } from "../../../conference/call.js";
import { useKeys } from "../use-keys.js";
import type { RoomPlayer } from "../use-player.js";
import type { CallLayerProps } from "./call-layer.js";
import { CallSettings } from "./call-settings.js";
import { micNews } from "./call-words.js";
import { Filmstrip } from "./filmstrip.js";
import { MicLive } from "./mic-live.js";
import { MiniWindow } from "./mini-window.js";
import { Notices } from "./notices.js";
import { ScreenShare, type SharePlace } from "./screen-share.js";
import { keepStripChoice, readStripChoice, type StripChoice } from "./strip-place.js";
import { TalkBar } from "./talk-bar.js";
import { useLiveTitle } from "./use-live-title.js";
import { useMic } from "./use-mic.js";
import { useMiniWindow } from "./use-mini-window.js";
import { useNotices } from "./use-notices.js";
import { usePreferences } from "./use-preferences.js";
import { useProgramme } from "./use-programme.js";
import { type RoomCallPorts, useCallView } from "./use-room-call.js";
import { Voices } from "./voices.js";

const TalkLinkDialog = lazy(() =>
  import("./talk-link-dialog.js").then((file) => ({ default: file.TalkLinkDialog })),
);
const canShareScreen = navigator.mediaDevices !== undefined && "getDisplayMedia" in navigator.mediaDevices;

/** The call as it is seen and heard in the room. */
export function RoomCall({
  review,
  presence,
  player,
  bar,
  strip,
  ports,
}: CallLayerProps & { ports: RoomCallPorts }) {
  const { call } = ports;
  const view = useCallView(call);
  const { preferences, change } = usePreferences();
  const mini = useMiniWindow();
  const mic = useMic(ports, view, preferences.suite, mini.place !== null);
  const [choice, setChoice] = useStripChoice();
  const [dialog, setDialog] = useState<"settings" | "phone" | null>(null);
  const [sharePlace, setSharePlace] = useState<SharePlace | null>(null);
  const { sending } = view.self;
  const isObserver = review.participant.role === "observer";
  const isIn = view.is === "in";

  useProgramme({ call, view, player, preferences });
  useLiveTitle(sending.mic, review.name);
  useDevices(call, preferences);
  useFootHeight(bar);
  useAnyTap(player);

  const muteAll = useMutation({
    mutationFn: () => api("muteEverybody", { params: { roomId: review.id } }),
  });

  const toggleCamera = () => void call.setCamera(!sending.camera);
  const toggleScreen = () => void call.setScreen(!sending.screen);
  const toggleSide = () => call.setSide(!sending.side);
  useKeys(
    isIn && !isObserver
      ? {
          t: mic.toggle,
          v: toggleCamera,
          ...(canShareScreen && { s: toggleScreen }),
          ...(!review.isHost && { y: toggleSide }),
        }
      : {},
    isIn && !isObserver ? { space: mic.holdKey } : {},
  );

  const sharing = view.peers.find(({ screen }) => screen !== null) ?? null;
  const shareId = sharing?.peer.peerId ?? null;
  const isDocked = strip !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen, or a new layout, begins where that has its place
  useEffect(() => setSharePlace(null), [shareId, isDocked]);
  const placeOfShare = sharePlace ?? (strip === null ? "hidden" : "beside");
  const placeNow = strip === null && placeOfShare === "beside" ? "over" : placeOfShare;

  const isStripShown = strip === null ? choice.isFloating : !choice.isHidden;
  const showStrip = (isShown: boolean) =>
    setChoice(strip === null ? { isFloating: isShown } : { isHidden: !isShown });
  const hands = useMemo(
    () => new Set(presence.people.filter(({ handAt }) => handAt !== null).map(({ id }) => id)),
    [presence],
  );
  const share =
    sharing === null ? null : (
      <ScreenShare
        from={sharing}
        place={placeNow}
        mayStandBeside={strip !== null}
        onPlace={setSharePlace}
        room={bar.closest<HTMLElement>(".cs-room")}
      />
    );
  const notices = useNotices({
    view,
    mic,
    preferences,
    muteAllProblem: muteAll.isError ? sentence(muteAll.error) : null,
    onMuteAllRead: muteAll.reset,
    share:
      sharing !== null && placeNow === "hidden"
        ? { name: sharing.peer.name, show: () => setSharePlace(strip === null ? "over" : "beside") }
        : null,
  });

  return (
    <>
      <Voices
        peers={view.peers}
        sound={player.sound}
        volume={preferences.callVolume}
        speakerId={preferences.speakerId}
      />
      {createPortal(
        <TalkBar
          view={view}
          mic={mic}
          isObserver={isObserver}
          isHost={review.isHost}
          isStripShown={isStripShown}
          canShareScreen={canShareScreen}
          acts={{
            join: call.join,
            leave: call.leave,
            camera: toggleCamera,
            screen: toggleScreen,
            side: toggleSide,
            tiles: () => showStrip(!isStripShown),
            muteAll: () => muteAll.mutate(),
            settings: () => setDialog("settings"),
            phone: () => setDialog("phone"),
            mini: mini.open,
          }}
        />,
        bar,
      )}
      {isIn && (isStripShown || placeNow === "beside") && (
        <Filmstrip
          view={view}
          hands={hands}
          choice={choice}
          onChoice={setChoice}
          place={strip}
          areTilesShown={isStripShown}
          isShowing={share !== null && placeNow === "beside"}
          onHide={() => showStrip(false)}
        >
          {placeNow === "beside" && share}
        </Filmstrip>
      )}
      {placeNow === "over" && share}
      {sending.mic && <MicLive isSide={sending.side} by={mic.by} />}
      <Notices notices={notices} />
      <Announced isLive={sending.mic} isSide={sending.side} hasMutedAll={muteAll.isSuccess} />
      {mini.place !== null && (
        <MiniWindow
          place={mini.place}
          roomName={review.name}
          view={view}
          mic={mic}
          isHost={review.isHost}
          onMuteAll={() => muteAll.mutate()}
        />
      )}
      <CallSettings
        isOpen={dialog === "settings"}
        onClose={() => setDialog(null)}
        preferences={preferences}
        onChange={change}
        canDelaySound={player.sound.canDelay}
        mayTalk={!isObserver}
        onPhone={() => setDialog("phone")}
      />
      {dialog === "phone" && (
        <Suspense>
          <TalkLinkDialog roomId={review.id} isOpen onClose={() => setDialog(null)} />
        </Suspense>
      )}
    </>
  );
}

/** How somebody likes the filmstrip, kept for the next time. */
function useStripChoice() {
  const [choice, setChoice] = useState<StripChoice>(readStripChoice);
  const change = (next: Partial<StripChoice>) =>
    setChoice((before) => {
      const changed = { ...before, ...next };
      keepStripChoice(changed);
      return changed;
    });
  return [choice, change] as const;
}

/** What stands above the controls knows how high they are, in every layout. */
function useFootHeight(bar: HTMLElement) {
  useEffect(() => {
    const room = bar.closest<HTMLElement>(".cs-room");
    const controls = bar.parentElement;
    if (room === null || controls === null) return;
    const watcher = new ResizeObserver(() => {
      room.style.setProperty("--cs-foot", `${controls.offsetHeight}px`);
    });
    watcher.observe(controls);
    return () => {
      watcher.disconnect();
      room.style.removeProperty("--cs-foot");
    };
  }, [bar]);
}

/** Where the browser wants a tap before it makes a sound, the one that opens the microphone will do. */
function useAnyTap({ sound, unblock }: RoomPlayer) {
  const { isBlocked } = sound;
  useEffect(() => {
    if (!isBlocked) return;
    window.addEventListener("pointerup", unblock);
    window.addEventListener("keydown", unblock);
    return () => {
      window.removeEventListener("pointerup", unblock);
      window.removeEventListener("keydown", unblock);
    };
  }, [isBlocked, unblock]);
}

/** Devices that are chosen while the call goes on. */
function useDevices(
  call: Call,
  { micId, cameraId, suite }: { micId: string | null; cameraId: string | null; suite: boolean },
) {
  const { useDevice: moveTo } = call;
  useEffect(() => void moveTo("mic", micId), [moveTo, micId]);
  useEffect(() => void moveTo("camera", cameraId), [moveTo, cameraId]);
  useEffect(() => call.keepMicReady(suite), [call, suite]);
}

/** What a screen reader says and nobody else needs in words. */
function Announced({
  isLive,
  isSide,
  hasMutedAll,
}: {
  isLive: boolean;
  isSide: boolean;
  hasMutedAll: boolean;
}) {
  const wasLive = useRef(isLive);
  const [news, setNews] = useState("");
  useEffect(() => {
    if (isLive || wasLive.current) setNews(micNews(isLive, isSide));
    wasLive.current = isLive;
  }, [isLive, isSide]);
  useEffect(() => {
    if (hasMutedAll) setNews("Everybody else is muted");
  }, [hasMutedAll]);
  return (
    <p className="govuk-visually-hidden" role="status" aria-live="polite" data-testid="call-news">
      {news}
    </p>
  );
}
