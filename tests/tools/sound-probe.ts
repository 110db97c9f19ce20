import type { Page } from "@playwright/test";

/** The loudest tone of each channel, in Hz; 0 for silence. */
export type Tones = { readonly left: number; readonly right: number };

/** Listens to the sound that the page receives, channel by channel, and names the loudest tone of each. */
export function hearTones(page: Page): Promise<Tones> {
  return page.evaluate(async () => {
    const elements = [...document.querySelectorAll<HTMLMediaElement>("audio, video")];
    const stream = elements
      .map((element) => element.srcObject)
      .find((source) => source instanceof MediaStream && source.getAudioTracks().length > 0);
    if (!(stream instanceof MediaStream)) throw new Error("no element of the page plays a stream with sound");
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.resume();
    const splitter = context.createChannelSplitter(2);
    const source = context.createMediaStreamSource(new MediaStream(stream.getAudioTracks()));
    source.connect(splitter);
    const analysers = [0, 1].map((channel) => {
      const analyser = context.createAnalyser();
      analyser.fftSize = 16_384; // 2.9 Hz a bin
      analyser.smoothingTimeConstant = 0;
      splitter.connect(analyser, channel);
      return analyser;
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const [left, right] = analysers.map((analyser) => {
      const levels = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(levels);
      let loudest = 0;
      for (let bin = 1; bin < levels.length; bin += 1) {
        if ((levels[bin] as number) > (levels[loudest] as number)) loudest = bin;
      }
      const isSilent = (levels[loudest] as number) < -80;
      return isSilent ? 0 : (loudest * context.sampleRate) / analyser.fftSize;
    });
    await context.close();
    return { left: left ?? 0, right: right ?? 0 };
  });
}
