/** Who is speaking, out of how loud each is now. */
export type Speaking = {
  /** `level`: 0 to 1, of full scale. */
  hear(id: string, level: number, now: number): void;
  isSpeaking(id: string, now: number): boolean;
  forget(id: string): void;
};

const SPEECH = 0.015; // -36 dBFS: quiet speech into a headset is above it, a fan behind noise suppression is not
const HOLD_MS = 400; // words have gaps

/** Begins with silence. */
export function createSpeaking(): Speaking {
  const heardAt = new Map<string, number>();
  return {
    hear(id, level, now) {
      if (level >= SPEECH) heardAt.set(id, now);
    },
    isSpeaking: (id, now) => now - (heardAt.get(id) ?? Number.NEGATIVE_INFINITY) < HOLD_MS,
    forget(id) {
      heardAt.delete(id);
    },
  };
}

/**
 * How loud a voice is that comes by a connection: the sender's own figure in each packet (RFC 6464), or the browser's.
 * What has not changed since the last look is of a packet that is long past.
 */
export function createVoiceLevel(): (receiver: RTCRtpReceiver) => number {
  let last = -1;
  return (receiver) => {
    const [source] = receiver.getSynchronizationSources();
    if (source === undefined || source.rtpTimestamp === last) return 0;
    last = source.rtpTimestamp;
    return source.audioLevel ?? 0;
  };
}
