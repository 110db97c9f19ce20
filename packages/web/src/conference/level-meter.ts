/** How loud a microphone is now. */
export type Level = {
  /** Of full scale; minus infinity: digital silence. */
  readonly dbfs: number;
  /** As a meter shows it: 0 is -60 dBFS and less, 1 is full scale. */
  readonly share: number;
};

/** Measures until it is closed. */
export type LevelMeter = { close(): void };

const EVERY_MS = 50;
const SAMPLES = 2_048; // 43 ms at 48 kHz: nearly all that came since the last look
const FLOOR_DBFS = -60;

/** Where a meter's needle stands. */
export function shareOf(dbfs: number): number {
  return Math.min(1, Math.max(0, 1 - dbfs / FLOOR_DBFS));
}

/** Tells 20 times a second how loud a track is. Tells nothing while the browser keeps the page's sound asleep. */
export function createLevelMeter(track: MediaStreamTrack, onLevel: (level: Level) => void): LevelMeter {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = new AnalyserNode(context, { fftSize: SAMPLES });
  source.connect(analyser);
  const samples = new Float32Array(SAMPLES);
  const timer = setInterval(() => {
    if (context.state !== "running") return;
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / SAMPLES;
    const dbfs = 10 * Math.log10(power);
    onLevel({ dbfs, share: shareOf(dbfs) });
  }, EVERY_MS);
  return {
    close() {
      clearInterval(timer);
      source.disconnect();
      void context.close();
    },
  };
}
