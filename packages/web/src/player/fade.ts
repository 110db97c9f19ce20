/** Plays a sound beside its element, where the element's own volume cannot be set (iOS, iPadOS). */
export type Fade = {
  /** So loud, from 0 to 1, from now on. False: it cannot, and the element itself must be heard. */
  play(sound: MediaStream | null, volume: number): boolean;
  close(): void;
};

/** `onChange`: whether it can has changed, as when the browser stops or allows sound. */
export function createFade(onChange: () => void): Fade {
  const context = new AudioContext({ latencyHint: "interactive" });
  const node = context.createGain();
  node.connect(context.destination);
  let source: { readonly of: MediaStream; readonly node: MediaStreamAudioSourceNode } | null = null;
  context.addEventListener("statechange", onChange);
  return {
    play(sound, volume) {
      if (source?.of !== sound) {
        source?.node.disconnect();
        source = sound === null ? null : { of: sound, node: context.createMediaStreamSource(sound) };
        source?.node.connect(node);
      }
      node.gain.value = volume;
      if (source === null) return false;
      if (context.state === "running") return true;
      context.resume().catch(() => {}); // refused without a tap: the element goes on at its own loudness
      return false;
    },
    close() {
      context.removeEventListener("statechange", onChange);
      void context.close();
    },
  };
}
