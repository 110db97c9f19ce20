import type { BrowserContext } from "@playwright/test";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** What is plugged in where somebody sits: every microphone hums its own tone, every camera sees its own colour. */
export type PluggedIn = {
  /** Hz of the first microphone. */
  readonly tone: number;
  /** Hz of the second one. */
  readonly otherTone: number;
  readonly colour: Colour;
  /** The pictures are full of grain, so that a coder spends all that it may. */
  readonly isBusy?: boolean;
};

/** The second microphone's id, as `enumerateDevices` names it. */
export const OTHER_MICROPHONE = "microphone-2";

type DevicesWindow = Window & { __devicesAsked: string[] };

/**
 * Replaces the browser's devices, not what the product does with them: four people in one browser would otherwise have
 * one microphone and one camera between them. Must come before the pages are opened.
 */
export async function plugIn(context: BrowserContext, devices: PluggedIn): Promise<void> {
  await context.addInitScript(pageDevices, { ...devices, otherMicrophone: OTHER_MICROPHONE });
}

/** How often the page has asked for a microphone, a camera or a screen, by kind and in order. */
export function devicesAsked(page: { evaluate<T>(ask: () => T): Promise<T> }): Promise<readonly string[]> {
  return page.evaluate(() => (window as unknown as DevicesWindow).__devicesAsked);
}

/** Runs in the page: must stand alone. */
function pageDevices(here: PluggedIn & { readonly otherMicrophone: string }): void {
  const FRAMES_PER_SECOND = 15;
  const asked: string[] = [];
  (window as unknown as DevicesWindow).__devicesAsked = asked;
  if (navigator.mediaDevices === undefined) return; // as for any page at an address that is not secure
  let sound: AudioContext | undefined;

  function hum(hertz: number): MediaStreamTrack {
    sound ??= new AudioContext({ sampleRate: 48_000 });
    void sound.resume();
    const oscillator = new OscillatorNode(sound, { frequency: hertz });
    const out = sound.createMediaStreamDestination();
    oscillator.connect(new GainNode(sound, { gain: 0.3 })).connect(out);
    oscillator.start();
    const [track] = out.stream.getAudioTracks();
    if (track === undefined) throw new Error("no track came of an oscillator");
    return track;
  }

  function see(width: number, height: number, framesPerSecond: number): MediaStreamTrack {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("no 2d canvas");
    const [red, green, blue] = here.colour;
    const grain = context.createImageData(width / 4, height / 4);
    let turn = 0;
    const draw = () => {
      turn += 1;
      context.fillStyle = `rgb(${red} ${green} ${blue})`;
      context.fillRect(0, 0, width, height);
      if (here.isBusy === true) {
        for (let at = 0; at < grain.data.length; at += 4) {
          const noise = Math.random() * 120 - 60;
          grain.data.set([red + noise, green + noise, blue + noise, 255], at);
        }
        for (let x = 0; x < 4; x += 1)
          for (let y = 0; y < 4; y += 1) context.putImageData(grain, (x * width) / 4, (y * height) / 4);
      }
      context.fillStyle = "white"; // something moves: a source that does not change sends next to nothing
      context.fillRect((turn * 8) % width, 0, 16, 16);
    };
    draw();
    const [track] = canvas.captureStream(framesPerSecond).getVideoTracks();
    if (track === undefined) throw new Error("no track came of a canvas");
    const timer = setInterval(() => {
      if (track.readyState === "ended") clearInterval(timer);
      else draw();
    }, 1000 / framesPerSecond);
    return track;
  }

  const idIn = (constraints: boolean | MediaTrackConstraints): string | undefined => {
    const wanted = typeof constraints === "object" ? constraints.deviceId : undefined;
    const exact =
      typeof wanted === "object" && !Array.isArray(wanted) ? (wanted.exact ?? wanted.ideal) : wanted;
    return Array.isArray(exact) ? exact[0] : exact;
  };
  const known = (track: MediaStreamTrack, deviceId: string): MediaStreamTrack => {
    const settings = track.getSettings.bind(track);
    track.getSettings = () => ({ ...settings(), deviceId });
    return track;
  };

  navigator.mediaDevices.getUserMedia = async ({ audio = false, video = false } = {}) => {
    const tracks: MediaStreamTrack[] = [];
    if (audio !== false) {
      asked.push("microphone");
      const id = idIn(audio) ?? "microphone-1";
      tracks.push(known(hum(id === here.otherMicrophone ? here.otherTone : here.tone), id));
    }
    if (video !== false) {
      asked.push("camera");
      tracks.push(known(see(640, 360, FRAMES_PER_SECOND), idIn(video) ?? "camera-1"));
    }
    return new MediaStream(tracks);
  };
  navigator.mediaDevices.getDisplayMedia = async () => {
    asked.push("screen");
    return new MediaStream([see(1280, 720, 5)]);
  };
  const device = (kind: MediaDeviceKind, deviceId: string, label: string): MediaDeviceInfo => ({
    ...{ kind, deviceId, label, groupId: "" },
    toJSON: () => ({ kind, deviceId, label, groupId: "" }),
  });
  navigator.mediaDevices.enumerateDevices = async () => [
    device("audioinput", "microphone-1", "First microphone"),
    device("audioinput", here.otherMicrophone, "Second microphone"),
    device("videoinput", "camera-1", "Camera"),
    device("audiooutput", "speaker-1", "Loudspeakers"),
  ];
}
