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
