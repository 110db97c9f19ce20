/** What goes to one of the others now. Null: nothing of that kind. */
export type Outgoing = {
  readonly mic: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  readonly cameraKbps: number;
  readonly screenKbps: number;
};

/** Nothing goes. */
export const NOTHING: Outgoing = { mic: null, camera: null, screen: null, cameraKbps: 250, screenKbps: 300 };

const MIC_KBPS = 32;
const CAMERA_FPS = 15;
const SCREEN_FPS = 5;
const SMALL_BELOW_KBPS = 120; // under it 480×270 at 15 fps is mud: 320×180 at 10 fps is not
const SMALL_FPS = 10;
const SMALL_SCALE = 1.5;
const TRIES = 3;

type Encoding = { maxBitrate: number; priority: RTCPriorityType; maxFramerate?: number; scale?: number };
type Preference = NonNullable<RTCRtpSendParameters["degradationPreference"]>;

/** Puts tracks and limits on a connection's three senders. */
export type Senders = {
  /** Resolves when the senders are as was asked last. */
  apply(outgoing: Outgoing): Promise<void>;
  /** The encodings exist only since a description was exchanged: the limits are set anew. */
  negotiated(): Promise<void>;
  close(): void;
};

/** `transceivers`: microphone, camera, screen. One change at a time; what is superseded meanwhile is left out. */
export function createSenders(transceivers: readonly RTCRtpTransceiver[]): Senders {
  const [mic, camera, screen] = transceivers.map(({ sender }) => sender);
  let wanted: Outgoing = NOTHING;
  let running: Promise<void> | null = null;
  let isStale = false;
  let isClosed = false;
  let release = () => {};
  const closed = new Promise<void>((resolve) => {
    release = resolve;
  });

  async function applyAll() {
    do {
      isStale = false;
      const { cameraKbps, screenKbps, ...tracks } = wanted;
      await Promise.all([
        put(mic, tracks.mic),
        put(camera, tracks.camera),
        put(screen, tracks.screen),
        limit(mic, { maxBitrate: MIC_KBPS * 1_000, priority: "high" }, null),
        limit(camera, cameraEncoding(cameraKbps), "balanced"),
        limit(
          screen,
          { maxBitrate: screenKbps * 1_000, priority: "very-low", maxFramerate: SCREEN_FPS },
          "maintain-resolution",
        ),
      ]);
    } while (isStale && !isClosed);
  }

  function start(): Promise<void> {
    if (isClosed) return Promise.resolve();
    isStale = true;
    running ??= Promise.race([applyAll(), closed]) // a closed connection answers nothing any more
      .catch((error: unknown) => {
        if (!isClosed) throw error; // a connection that was closed between two steps is no fault
      })
      .finally(() => {
        running = null;
      });
    return running;
  }

  return {
    apply(outgoing) {
      wanted = outgoing;
      return start();
    },
    negotiated: start,
    close() {
      isClosed = true;
      release();
    },
  };
}

async function put(sender: RTCRtpSender | undefined, track: MediaStreamTrack | null) {
  // An ended track cannot be put (InvalidStateError); whoever owns it is about to say so.
  if (sender === undefined || sender.track === track || track?.readyState === "ended") return;
  await sender.replaceTrack(track);
}

function cameraEncoding(kbps: number): Encoding {
  const isSmall = kbps < SMALL_BELOW_KBPS;
  return {
    maxBitrate: kbps * 1_000,
    priority: "very-low",
    maxFramerate: isSmall ? SMALL_FPS : CAMERA_FPS,
    scale: isSmall ? SMALL_SCALE : 1,
  };
}

/** Parameters are good for one call: another change between reading and writing them makes the browser refuse. */
async function limit(sender: RTCRtpSender | undefined, encoding: Encoding, preference: Preference | null) {
  for (let left = TRIES; sender !== undefined && left > 0; left--) {
    const parameters = sender.getParameters();
    const [first] = parameters.encodings;
    if (first === undefined) return; // none before the first answer: `negotiated` comes back here
    const { scale, ...rest } = encoding;
    const next = { ...rest, ...(scale === undefined ? {} : { scaleResolutionDownBy: scale }) };
    const isSet = Object.entries(next).every(([key, value]) => first[key as keyof typeof first] === value);
    if (isSet) return;
    Object.assign(first, next);
    if (preference !== null) parameters.degradationPreference = preference;
    try {
      await sender.setParameters(parameters);
      return;
    } catch (error) {
      const isOld = error instanceof DOMException && error.name === "InvalidStateError";
      if (!isOld || left === 1) throw error;
    }
  }
}
