/** What somebody has chosen for calls on this machine. Kept in the browser; nothing of it is secret. */
export type CallPreferences = {
  readonly micId: string | null;
  readonly cameraId: string | null;
  readonly speakerId: string | null;
  /** Loudspeakers in the room, a mixer beside: the microphone opens only while the talk key is held. */
  readonly suite: boolean;
  /** Whether the programme steps back while somebody talks, and by how many decibels. */
  readonly ducks: boolean;
  readonly duckDb: number;
  /** How loud the call is, 0 to 1. */
  readonly callVolume: number;
  /** How much later the programme's sound is played than it comes, in milliseconds. */
  readonly soundDelayMs: number;
};

/** What nobody has chosen yet. */
export const DEFAULT_PREFERENCES: CallPreferences = {
  micId: null,
  cameraId: null,
  speakerId: null,
  suite: false,
  ducks: true,
  duckDb: 12,
  callVolume: 1,
  soundDelayMs: 0,
};

const KEY = "colourstream.call";
const MOST_DUCK_DB = 40;
const MOST_SOUND_DELAY_MS = 500;

/** What was chosen on this machine before; what is not as it should be is as nobody has chosen. */
export function readPreferences(): CallPreferences {
  try {
    return parsePreferences(localStorage.getItem(KEY) ?? "");
  } catch (error) {
    if (error instanceof DOMException) return DEFAULT_PREFERENCES; // storage is switched off
    throw error;
  }
}

/** Keeps what was chosen, where the browser allows it. */
export function writePreferences(preferences: CallPreferences) {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Out of what was kept, by this version or another. */
export function parsePreferences(text: string): CallPreferences {
  const kept = objectIn(text);
  const boolean = (key: "suite" | "ducks") => {
    const value = kept[key];
    return typeof value === "boolean" ? value : DEFAULT_PREFERENCES[key];
  };
  const number = (key: "duckDb" | "callVolume" | "soundDelayMs", most: number) => {
    const value = kept[key];
    return typeof value === "number" && value >= 0 && value <= most ? value : DEFAULT_PREFERENCES[key];
  };
  const id = (key: "micId" | "cameraId" | "speakerId") => {
    const value = kept[key];
    return typeof value === "string" && value !== "" ? value : null;
  };
  return {
    micId: id("micId"),
    cameraId: id("cameraId"),
    speakerId: id("speakerId"),
    suite: boolean("suite"),
    ducks: boolean("ducks"),
    duckDb: number("duckDb", MOST_DUCK_DB),
    callVolume: number("callVolume", 1),
    soundDelayMs: number("soundDelayMs", MOST_SOUND_DELAY_MS),
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
