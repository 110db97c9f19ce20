import type { SoundState } from "../control/protocol.js";
import type { AudioFormat, AudioUnit } from "./access-unit.js";
import type { AudioFrame } from "./frame.js";
import type { AudioTranscoder, MakeTranscoder } from "./ports.js";

/** What viewers get whatever was sent (RFC 7587: the RTP clock and the announced channels are always these). */
const OPUS: AudioFormat = { codec: "opus", sampleRate: 48_000, channels: 2, config: new Uint8Array(0) };

/** The audio side of a stream: what was sent as it is, and Opus from it. */
export type Sound = {
  format(): AudioFormat | null;
  setFormat(format: AudioFormat): void;
  write(unit: AudioUnit): void;
  state(): SoundState;
  /** The publisher has gone; what comes next says its format first. */
  interrupt(): void;
  /** The take is over: the transcoder goes with it. */
  close(): void;
};

/** `asSent` and `opus` get the frames; `changed` is called when `state()` is another. */
export function createSound(
  makeTranscoder: MakeTranscoder | undefined,
  out: { asSent(frame: AudioFrame): void; opus(frame: AudioFrame): void; changed(): void },
): Sound {
  let format: AudioFormat | null = null;
  let transcoder: AudioTranscoder | null = null;
  let state: SoundState = "none-sent";

  const become = (next: SoundState) => {
    if (next === state) return;
    state = next;
    out.changed();
  };

  const closeTranscoder = () => {
    transcoder?.close();
    transcoder = null;
  };

  const openTranscoder = () => {
    if (transcoder !== null) return;
    let isOpen = true;
    const made = makeTranscoder?.({
      opus(unit) {
        if (isOpen) out.opus({ unit, format: OPUS, bytes: unit.payload.length });
      },
      state(next) {
        if (isOpen) become(next);
      },
    });
    if (made == null) {
      become("codec-missing");
      return;
    }
    transcoder = {
      format: (sent) => made.format(sent),
      write: (unit) => made.write(unit),
      close() {
        isOpen = false;
        made.close();
      },
    };
  };

  return {
    format: () => format,
    setFormat(next) {
      format = next;
      if (next.codec === "opus") {
        closeTranscoder();
        become("ok");
        return;
      }
      openTranscoder();
      transcoder?.format(next);
    },
    write(unit) {
      if (format === null) return;
      const frame = { unit, format, bytes: unit.payload.length };
      out.asSent(frame);
      if (format.codec === "opus") out.opus(frame);
      else transcoder?.write(unit);
    },
    state: () => state,
    interrupt() {
      format = null;
    },
    close() {
      closeTranscoder();
      format = null;
      state = "none-sent";
    },
  };
}
