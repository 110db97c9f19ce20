import { type ReactNode, useEffect, useState } from "react";
import { useTitle } from "../../ui/use-title.js";
import { WordMark } from "../../ui/word-mark.js";
import { HoldButton } from "../review/call/hold-button.js";
import { useWakeLock } from "../review/use-wake-lock.js";
import { MuteAll } from "./mute-all.js";
import { forgetTalkSecret, takeTalkSecret } from "./talk-secret.js";
import { faceOf } from "./talk-words.js";
import { useTalk } from "./use-talk.js";

/** `/talk#secret`: a phone as the talk button of somebody whose hands and keys are elsewhere. */
export function TalkPage() {
  const [secret, setSecret] = useState(takeTalkSecret);
  useEffect(() => {
    const onHash = () => {
      if (location.hash.length > 1) setSecret(takeTalkSecret());
    };
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);
  return secret === "" ? <NoLink /> : <Talk key={secret} secret={secret} />;
}

function Talk({ secret }: { secret: string }) {
  const { view, button } = useTalk(secret);
  const { talk, staysOn, isHeld } = view;
  const face = faceOf(view);
  const isEnded = view.is === "ended";
  useTitle(face.isLive ? "MIC LIVE" : "Talk button");
  useWakeLock(!isEnded);
  useEffect(() => {
    if (isEnded) forgetTalkSecret();
  }, [isEnded]);
  const isLiveHere = face.isLive && (isHeld || staysOn);
  useEffect(() => {
    if (isLiveHere) navigator.vibrate?.(40); // felt where nobody looks; a phone that cannot stays still
  }, [isLiveHere]);
  if (isEnded) return <Ended />;
  const press = (isDown: boolean) => {
    if (face.does === "hold" || !isDown) button?.hold(isDown);
    else if (face.does === "close") staysOn ? button?.stayOn(false) : button?.mute();
  };
  return (
    <main
      className="cs-talk"
      data-testid="talk-page"
      data-live={face.isLive}
      data-does={face.does ?? "nothing"}
    >
      <header className="cs-talk__head">
        <h1 className="cs-talk__room">{talk?.roomName ?? "Talk button"}</h1>
        <p className="cs-talk__name">{talk === null ? "" : `${talk.name}’s microphone`}</p>
      </header>
      <HoldButton className="cs-talk__button" isDown={isHeld || staysOn} onHold={press} testId="talk-button">
        <span className="cs-talk__word">{face.word}</span>
        <span className="cs-talk__note">{face.note}</span>
      </HoldButton>
      <p className="govuk-visually-hidden" role="status">
        {face.word}. {face.note}
      </p>
      <div className="cs-talk__acts">
        {talk?.mayTalk !== false && (
          <button
            type="button"
            role="switch"
            aria-checked={staysOn}
            className="cs-talk__act cs-talk__stay"
            disabled={!staysOn && (view.isAway || talk?.isInCall !== true)}
            data-testid="talk-stay"
            onClick={() => button?.stayOn(!staysOn)}
          >
            <span>Stay on</span>
            <span className="cs-talk__switch" aria-hidden="true" />
          </button>
        )}
        {talk?.isHost === true && <MuteAll state={view.mutedAll} onMute={() => button?.muteAll()} />}
        <p className="cs-talk__hint">
          What this phone opens closes when the page is put away or the phone locks.
        </p>
      </div>
    </main>
  );
}

function Door({ testId, title, children }: { testId: string; title: string; children: ReactNode }) {
  useTitle(title);
  return (
    <div className="cs-door">
      <main className="cs-door__card" data-testid={testId}>
        <div className="cs-door__mark">
          <WordMark />
        </div>
        <h1 className="govuk-heading-m">{title}</h1>
        {children}
      </main>
    </div>
  );
}

function Ended() {
  return (
    <Door testId="talk-ended" title="This talk button has ended">
      <p className="govuk-body" role="alert">
        You have left the room, a newer talk button was made, or it has run out. Your microphone cannot be
        opened from here any more.
      </p>
      <p className="govuk-body">
        In the room on your computer, choose “Use a phone as talk button” for a new code.
      </p>
    </Door>
  );
}

function NoLink() {
  return (
    <Door testId="talk-no-link" title="Scan the code again">
      <p className="govuk-body">
        This page is the talk button of somebody in a room, and has lost whose. In the room on your computer,
        choose “Use a phone as talk button” and point the phone’s camera at the code.
      </p>
    </Door>
  );
}
