import { useCallback, useEffect, useRef, useState } from "react";
import type { PeerView } from "../../../conference/call.js";
import type { RoomPlayer } from "../use-player.js";

type Speaker = { readonly volume: number; readonly speakerId: string | null };

/** Everybody's voices. They need the same tap as the programme's sound where the browser wants one. */
export function Voices({
  peers,
  sound,
  volume,
  speakerId,
}: { peers: readonly PeerView[]; sound: RoomPlayer["sound"] } & Speaker) {
  const held = useRef(new Map<string, () => void>()); // those that do not play yet, and how they are made to
  const [isBlocked, setBlocked] = useState(false);
  const { voicesBlocked } = sound;

  const onPlay = useCallback((peerId: string, again: (() => void) | null) => {
    if (again === null) held.current.delete(peerId);
    else held.current.set(peerId, again);
    setBlocked(held.current.size > 0);
  }, []);

  useEffect(() => {
    if (!isBlocked) return;
    const playAll = () => {
      for (const play of [...held.current.values()]) play();
    };
    voicesBlocked(playAll);
    return () => voicesBlocked(null);
  }, [isBlocked, voicesBlocked]);

  return peers.map(({ peer, voice }) => (
    <Voice
      key={peer.peerId}
      peerId={peer.peerId}
      name={peer.name}
      voice={voice}
      volume={volume}
      speakerId={speakerId}
      onPlay={onPlay}
    />
  ));
}

function Voice({
  peerId,
  name,
  voice,
  volume,
  speakerId,
  onPlay,
}: {
  peerId: string;
  name: string;
  voice: MediaStream;
  onPlay: (peerId: string, again: (() => void) | null) => void;
} & Speaker) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = voice;
    const play = () => {
      audio.play().then(
        () => onPlay(peerId, null),
        (error: unknown) => {
          if (!(error instanceof DOMException)) throw error;
          if (error.name === "NotAllowedError") onPlay(peerId, play);
          else if (error.name !== "AbortError") throw error; // a newer source has overtaken this one
        },
      );
    };
    play();
    return () => {
      audio.srcObject = null;
      onPlay(peerId, null);
    };
  }, [voice, peerId, onPlay]);

  useEffect(() => {
    if (element.current !== null) element.current.volume = volume;
  }, [volume]);

  useEffect(() => {
    const audio = element.current;
    if (audio === null || !("setSinkId" in audio)) return;
    audio.setSinkId(speakerId ?? "").catch((error: unknown) => {
      // A loudspeaker that was unplugged since it was chosen: the sound goes on where the system plays.
      if (!(error instanceof DOMException)) throw error;
    });
  }, [speakerId]);

  return (
    // biome-ignore lint/a11y/useMediaCaption: what people say in a call has no captions
    <audio ref={element} data-testid="peer-voice" data-name={name} />
  );
}
