import type { Clock } from "../live/clock.js";

/** What decides how loud the programme is. */
export type DuckerInput = {
  /** Somebody else's voice is heard now. */
  readonly isSomebodySpeaking: boolean;
  /** Our own microphone is open. */
  readonly isMicOpen: boolean;
  readonly ducks: boolean;
  readonly duckDb: number;
  /** Loudspeakers in the room: while our microphone is open they must be silent, or all hear the programme twice. */
  readonly suite: boolean;
};

/** Lets the programme step back while somebody talks. */
export type Ducker = {
  hear(input: DuckerInput): void;
  close(): void;
};

const DOWN_MS = 80;
const BACK_MS = 700;
const STEP_MS = 20;

/** `setGain` gets 0 to 1, by which the programme's loudness is multiplied. */
export function createDucker({
  setGain,
  clock,
}: {
  readonly setGain: (gain: number) => void;
  readonly clock: Clock;
}): Ducker {
  let gain = 1;
  let from = 1;
  let to = 1;
  let beganAt = 0;
  let cancel: (() => void) | null = null;

  function step() {
    const share = Math.min(1, (clock.now() - beganAt) / (to < from ? DOWN_MS : BACK_MS));
    gain = share === 1 ? to : from + (to - from) * share;
    setGain(gain);
    cancel = share === 1 ? null : clock.after(STEP_MS, step);
  }

  return {
    hear(input) {
      const next = gainFor(input);
      if (next === to) return;
      from = gain;
      to = next;
      beganAt = clock.now();
      cancel?.();
      cancel = clock.after(STEP_MS, step);
    },
    close() {
      cancel?.();
      setGain(1);
    },
  };
}

function gainFor({ isSomebodySpeaking, isMicOpen, ducks, duckDb, suite }: DuckerInput): number {
  if (suite && isMicOpen) return 0;
  return ducks && isSomebodySpeaking ? 10 ** (-duckDb / 20) : 1;
}
