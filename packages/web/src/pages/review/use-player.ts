import type { BodyOf, Playout, routes, StreamStatus } from "@colourstream/contract";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import type { EarlyOffer } from "../../player/early-offer.js";
import type { Measured } from "../../player/measure.js";
import { type Blocked, canDelaySound, createPlayer, type Player, type Shown } from "../../player/player.js";
import { streamStateOf } from "../../player/stream-state.js";
import { readAbilities, suitsOf } from "../../player/suits.js";
import type { ViewerState } from "../../player/viewer.js";
import type { Way, WayChoice } from "../../player/ways.js";
import { rememberedWay, rememberWay } from "./remembered.js";

type PlayerOptions = {
  roomId: string;
  stream: StreamStatus | null;
  playout: Playout;
  /** Whether the room has a rendition for every browser. */
  universal: boolean;
  earlyOffer: EarlyOffer | null;
  clockOffsetMs: () => number | null;
  onRefused: () => void;
};

/** The player as React sees it: refs for its elements, its state, and the sound's switches. */
export type RoomPlayer = ReturnType<typeof usePlayer>;

const NOTHING_BLOCKED: Blocked = { picture: false, sound: false };

/** Runs a player for the room as long as the component lives; a page that comes back from the browser's cache starts anew. */
export function usePlayer(options: PlayerOptions) {
  const { roomId, stream, playout, universal } = options;
  const videoA = useRef<HTMLVideoElement>(null);
  const videoB = useRef<HTMLVideoElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const player = useRef<Player | null>(null);
  const [round, setRound] = useState(0);
  const [viewer, setViewer] = useState<ViewerState>({ is: "waiting" });
  const [measured, setMeasured] = useState<Measured | null>(null);
  const [blocked, setBlocked] = useState(NOTHING_BLOCKED);
  const [shown, setShown] = useState<Shown | null>(null);
  const [choice, setChoice] = useState<WayChoice>(rememberedWay);
  const [abilities] = useState(readAbilities);
  const [isMuted, setMuted] = useState(false);
  const [volume, setVolume] = useState(1);
  const gain = useRef(1); // changes many times in a second while somebody begins to talk: no state of the page
  const [delayMs, setDelayMs] = useState(0);
  /** Plays the call's voices, which wait for a tap too; null: they do not. */
  const [playVoices, setPlayVoices] = useState<(() => void) | null>(null);
  const state = streamStateOf(stream);
  const suits = suitsOf(stream, abilities, universal);

  const now = { ...options, state, suits, choice, isMuted, volume, delayMs };
  const latest = useRef(now);
  useEffect(() => {
    latest.current = now;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` starts the player anew
  useEffect(() => {
    if (videoA.current === null || videoB.current === null || audio.current === null) return;
    const made = createPlayer({
      videos: [videoA.current, videoB.current],
      sound: audio.current,
      takeOffer: () => latest.current.earlyOffer?.take() ?? null,
      choice: latest.current.choice,
      playout: latest.current.playout,
      async makeTicket(way, signal) {
        try {
          return await api("makeTicket", { params: { roomId }, body: WISHES[way], signal });
        } catch (error) {
          if (error instanceof ApiProblem && REFUSALS.has(error.status)) latest.current.onRefused();
          throw error;
        }
      },
      clockOffsetMs: () => latest.current.clockOffsetMs(),
      onState: setViewer,
      onMeasured: setMeasured,
      onBlocked: setBlocked,
      onShown: setShown,
    });
    player.current = made;
    made.setLoudness(latest.current);
    made.setGain(gain.current);
    made.setSoundDelay(latest.current.delayMs);
    if (latest.current.suits !== null) made.suits(latest.current.suits);
    made.streamIs(latest.current.state);
    const changed = () => made.networkChanged();
    const connection = (navigator as { connection?: EventTarget }).connection; // Chromium's and Android's only
    const leave = () => made.stop(); // frees the server's resource; without it, only after its ICE consent has run out
    const comeBack = (event: PageTransitionEvent) => {
      if (event.persisted) setRound((before) => before + 1);
    };
    window.addEventListener("online", changed);
    connection?.addEventListener("change", changed);
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", comeBack);
    return () => {
      window.removeEventListener("online", changed);
      connection?.removeEventListener("change", changed);
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("pageshow", comeBack);
      player.current = null;
      made.stop();
      setViewer({ is: "waiting" });
    };
  }, [roomId, round]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each status makes another object that says the same
  useEffect(() => {
    if (suits !== null) player.current?.suits(suits);
  }, [suits?.format, suits?.webrtc, suits?.hls, suits?.universal]);
  useEffect(() => player.current?.streamIs(state), [state]);
  useEffect(() => player.current?.setPlayout(playout), [playout]);
  useEffect(() => player.current?.setLoudness({ isMuted, volume }), [isMuted, volume]);
  useEffect(() => player.current?.setSoundDelay(delayMs), [delayMs]);

  // The picture is the element on top; the other one waits behind it for its first frame.
  useEffect(() => {
    for (const video of [videoA.current, videoB.current]) {
      if (video === null) continue;
      const isPicture = video === (shown?.video ?? videoA.current);
      video.dataset["testid"] = isPicture ? "picture" : "picture-next";
      video.classList.toggle("cs-stage__video--shown", isPicture);
    }
  }, [shown]);

  const way = shown?.way ?? null;
  const unblock = useCallback(() => {
    player.current?.unblock();
    playVoices?.();
  }, [playVoices]);
  /** HLS has the encoder's own sound: it needs no codec of the server's. */
  const soundState = stream === null ? null : way === "hls" && stream.audio !== null ? "ok" : stream.sound;
  const hasSound = soundState === "ok" || soundState === "restarting";
  return {
    videoA,
    videoB,
    audio,
    viewer,
    measured,
    picture: shown?.video ?? null,
    /** How the picture on screen comes; null without one. */
    way,
    suits,
    choice,
    choose: useCallback((next: WayChoice) => {
      rememberWay(next);
      setChoice(next);
      player.current?.choose(next);
    }, []),
    hasPicture: shown !== null,
    isPictureBlocked: blocked.picture,
    unblock,
    roomClosed: useCallback(() => player.current?.roomClosed(), []),
    sound: {
      state: soundState,
      isMuted,
      volume,
      /** The browser wants a tap first. */
      isBlocked: (blocked.sound && hasSound && !isMuted && viewer.is === "live") || playVoices !== null,
      /** The call's voices wait for the same tap, which then calls this; null: they play. */
      voicesBlocked: useCallback((play: (() => void) | null) => setPlayVoices(() => play), []),
      setGain: useCallback((next: number) => {
        gain.current = next;
        player.current?.setGain(next);
      }, []),
      setDelay: setDelayMs,
      canDelay: way !== null && way !== "hls" && canDelaySound,
      toggle: useCallback(() => {
        setMuted((muted) => !muted);
        player.current?.unblock();
      }, []),
      setVolume: useCallback((next: number) => {
        setVolume(next);
        setMuted(next === 0);
      }, []),
    },
  };
}

const WISHES: Readonly<Record<Way, BodyOf<(typeof routes)["makeTicket"]>>> = {
  webrtc: { way: "webrtc" },
  universal: { way: "webrtc", rendition: "universal" },
  hls: { way: "hls" },
};

const REFUSALS = new Set([401, 403, 404]);
