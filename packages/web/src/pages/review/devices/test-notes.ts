/** Notes that play: `ended` tells whether all of them were played. */
export type TestNotes = { readonly ended: Promise<boolean>; stop(): void };

const NOTES = [
  { hertz: 523.25, side: -1 }, // C5
  { hertz: 659.25, side: 1 }, // E5
] as const;
const NOTE_S = 0.45;
const FADE_S = 0.03; // no clicks
const LOUDNESS = 0.2;

type SinkAudio = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

/** Plays a note left, then one right, on the given loudspeaker. Rejects where it does not play. */
export function playTestNotes(speakerId: string | null): TestNotes {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination(); // by an element: that is what can be sent to a loudspeaker
  out.channelCount = 2;
  const audio: SinkAudio = new Audio();
  audio.srcObject = out.stream;
  let finish: (isWhole: boolean) => void = () => {};
  const stopped = new Promise<boolean>((resolve) => {
    finish = resolve;
  });

  const play = async () => {
    if (speakerId !== null && speakerId !== "") await audio.setSinkId?.(speakerId);
    await Promise.all([audio.play(), context.resume()]);
    const startAt = context.currentTime + 0.1;
    const last = NOTES.map(({ hertz, side }, at) => {
      const from = startAt + at * NOTE_S;
      const note = new OscillatorNode(context, { frequency: hertz });
      const loudness = new GainNode(context, { gain: 0 });
      loudness.gain.setValueAtTime(0, from);
      loudness.gain.linearRampToValueAtTime(LOUDNESS, from + FADE_S);
      loudness.gain.setValueAtTime(LOUDNESS, from + NOTE_S - 2 * FADE_S);
      loudness.gain.linearRampToValueAtTime(0, from + NOTE_S - FADE_S);
      note
        .connect(loudness)
        .connect(new StereoPannerNode(context, { pan: side }))
        .connect(out);
      note.start(from);
      note.stop(from + NOTE_S);
      return note;
    }).at(-1);
    if (last !== undefined) last.onended = () => finish(true);
    return stopped;
  };
  return {
    ended: play().finally(() => {
      audio.pause();
      audio.srcObject = null;
      void context.close();
    }),
    stop: () => finish(false),
  };
}
