import type { Bus, Said } from "../bus/bus.js";
import type { RecordingNews } from "./recordings.js";

type Told =
  | { readonly is: RecordingNews["is"]; readonly id: string; readonly roomId: string }
  | { readonly is: "finish"; readonly id: string };

/** What the processes tell each other about recordings. */
export type RecordingLine = {
  /** To those who listen here, and to the others. */
  tell(is: RecordingNews["is"], recording: RecordingNews["recording"]): void;
  /** The first process makes it a plain MP4. */
  finish(id: string): void;
};

/** `tellHere`: to those who listen in this process. `finish` is asked of the first alone, `gone` of everybody. */
export function createRecordingLine(
  bus: Pick<Bus, "say" | "hear" | "isFirst">,
  ports: { tellHere(news: RecordingNews): void; finish(id: string): void; gone(id: string): void },
): RecordingLine {
  const say = (told: Told): void => bus.say("recording", told as unknown as Said);
  bus.hear("recording", (what) => {
    const told = what as unknown as Told; // only our own processes speak here
    if (told.is === "finish") {
      if (bus.isFirst()) ports.finish(told.id);
      return;
    }
    const { is, id, roomId } = told;
    if (is === "deleted") ports.gone(id);
    ports.tellHere({ is, recording: { id, roomId } });
  });
  return {
    tell: (is, { id, roomId }) => {
      ports.tellHere({ is, recording: { id, roomId } });
      say({ is, id, roomId });
    },
    finish: (id) => {
      if (bus.isFirst()) ports.finish(id);
      else say({ is: "finish", id }); // nobody is first just now: whoever becomes it looks for what is unfinished
    },
  };
}
