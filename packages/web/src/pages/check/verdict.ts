import { bitRateWords } from "../../signal/stream-words.js";
import type { CheckResults, CodecResult, LineResult, PictureResult } from "./results.js";

/** How a part of the check went. */
export type Grade = "good" | "fair" | "bad";

/** One line of the result: what was found, and what can be done where it is not good. */
export type Finding = {
  readonly id: "picture" | "line" | "codecs" | "sound" | "screen";
  readonly title: string;
  /** Null: nothing that could be good or bad. */
  readonly grade: Grade | null;
  readonly text: string;
  readonly advice: string | null;
};

/** The whole check in a sentence, and its parts. */
export type Verdict = {
  readonly grade: Grade;
  readonly summary: string;
  readonly findings: readonly Finding[];
};

/** The words for a grade. */
export const GRADE_WORDS: Record<Grade, string> = {
  good: "Good",
  fair: "Could be better",
  bad: "Does not work",
};

/** A rate that is measured once goes up and down: a third more than is needed leaves room for that. */
const AMPLE = 1.3;
const FAR_MS = 150;
const MUCH = 200_000_000; // above it a measure of a second says nothing more

/** Puts the results into words. */
export function judge(results: CheckResults): Verdict {
  const findings = [
    pictureFinding(results.picture, hasHls(results.codecs)),
    lineFinding(results.line),
    codecFinding(results.codecs),
    soundFinding(results.soundStarts),
    screenFinding(results),
  ];
  return { ...sumUp(results), findings };
}

const hasHls = (codecs: readonly CodecResult[]) =>
  codecs.some(({ isUsual, ways }) => isUsual && ways.includes("hls"));

function sumUp({ picture, line, codecs }: CheckResults): Pick<Verdict, "grade" | "summary"> {
  if (!codecs.some(({ isUsual, ways }) => isUsual && ways.length > 0)) {
    return {
      grade: "bad",
      summary: "This browser cannot show the picture. Use a current Chrome, Edge, Firefox or Safari.",
    };
  }
  const share = shareOf(line);
  if (share !== null && share < 1) {
    return {
      grade: "bad",
      summary: "Your line is too slow for this picture: it would stop again and again.",
    };
  }
  if (picture.is === "not-tried") {
    return { grade: "fair", summary: "The picture could not be tried just now. Check again in a minute." };
  }
  if (picture.is !== "shown") {
    if (!hasHls(codecs)) {
      return {
        grade: "bad",
        summary: "The picture does not reach this browser. Try another network or another browser.",
      };
    }
    return { grade: "fair", summary: "You can watch. The picture will come a second or two late." };
  }
  if (share !== null && share < AMPLE) {
    return {
      grade: "fair",
      summary: "You can watch. Your line is only just quick enough: the picture may stop now and then.",
    };
  }
  return { grade: "good", summary: "You are ready." };
}

function pictureFinding(picture: PictureResult, canWaitForHls: boolean): Finding {
  const about = { id: "picture", title: "Picture without delay" } as const;
  const instead = canWaitForHls
    ? "The picture comes by itself another way, a second or two late."
    : "Try another network, or another browser.";
  switch (picture.is) {
    case "shown": {
      const rtt =
        picture.rttMs === null ? "" : ` ${Math.max(1, Math.round(picture.rttMs))} ms to the server and back.`;
      const first = `The first picture came after ${(picture.firstFrameMs / 1_000).toFixed(1)} s.${rtt}`;
      if (picture.detour !== null) {
        return {
          ...about,
          grade: "fair",
          text: `It arrives by a detour (${picture.detour === "relay" ? "a relay server" : "TCP"}). ${first}`,
          advice: "It works. A network that lets UDP through to the server is quicker.",
        };
      }
      if (picture.rttMs !== null && picture.rttMs > FAR_MS) {
        return {
          ...about,
          grade: "fair",
          text: `It arrives straight from the server (UDP). ${first}`,
          advice: "The way to the server is long. A cable instead of Wi-Fi, and no VPN, can shorten it.",
        };
      }
      return {
        ...about,
        grade: "good",
        text: `It arrives straight from the server (UDP). ${first}`,
        advice: null,
      };
    }
    case "blocked":
      return {
        ...about,
        grade: canWaitForHls ? "fair" : "bad",
        text: "This network does not let it through (UDP is blocked).",
        advice: `${instead} To have it without delay: leave the VPN, use another network such as a phone’s, or ask whoever runs this one to allow UDP to the server.`,
      };
    case "dark":
      return {
        ...about,
        grade: canWaitForHls ? "fair" : "bad",
        text: "The connection stands, but no picture came through it.",
        advice: instead,
      };
    case "unsupported":
      return {
        ...about,
        grade: canWaitForHls ? "fair" : "bad",
        text: "This browser has no WebRTC for it, or it is switched off.",
        advice: `${instead} Chrome, Edge, Firefox and Safari have it.`,
      };
    case "not-tried":
      return {
        ...about,
        grade: "fair",
        text: `It could not be tried: ${picture.reason}`,
        advice: "Check again in a minute.",
      };
  }
}

function lineFinding(line: LineResult): Finding {
  const about = { id: "line", title: "Speed of your line" } as const;
  const needed = line.isOfRoom
    ? `The room’s picture takes ${bitRateWords(line.neededBitsPerSecond)} now.`
    : `A good picture takes about ${bitRateWords(line.neededBitsPerSecond)}.`;
  const share = shareOf(line);
  if (share === null) {
    return {
      ...about,
      grade: "fair",
      text: `It could not be measured. ${needed}`,
      advice: "Check again in a minute.",
    };
  }
  const rate =
    (line.bitsPerSecond ?? 0) > MUCH ? `More than ${bitRateWords(MUCH)}` : bitRateWords(line.bitsPerSecond);
  const text = `${rate} come through. ${needed}`;
  const advice =
    "Use a cable instead of Wi-Fi, and stop other downloads and calls. Or ask the colourist for a lower bit rate.";
  if (share < 1) return { ...about, grade: "bad", text, advice };
  return share < AMPLE
    ? { ...about, grade: "fair", text, advice }
    : { ...about, grade: "good", text, advice: null };
}

function shareOf({ bitsPerSecond, neededBitsPerSecond }: LineResult): number | null {
  return bitsPerSecond === null ? null : bitsPerSecond / neededBitsPerSecond;
}

function codecFinding(codecs: readonly CodecResult[]): Finding {
  const about = { id: "codecs", title: "Kinds of picture" } as const;
  const usual = codecs.filter(({ isUsual }) => isUsual);
  if (usual.every(({ ways }) => ways.includes("webrtc"))) {
    return {
      ...about,
      grade: "good",
      text: "This browser shows what most encoders send, without delay.",
      advice: null,
    };
  }
  if (usual.every(({ ways }) => ways.length > 0)) {
    return {
      ...about,
      grade: "fair",
      text: "This browser shows what most encoders send a second or two late.",
      advice: "A current Chrome, Edge or Safari shows it without delay.",
    };
  }
  return {
    ...about,
    grade: "bad",
    text: "This browser does not show what most encoders send (H.264).",
    advice: "Use a current Chrome, Edge or Safari.",
  };
}

function soundFinding(starts: boolean | null): Finding {
  const about = { id: "sound", title: "Sound" } as const;
  if (starts === false) {
    return {
      ...about,
      grade: "fair",
      text: "This browser wants a tap before it makes a sound.",
      advice: "In the room, tap “Tap for sound” once.",
    };
  }
  return { ...about, grade: "good", text: "It starts by itself.", advice: null };
}

function screenFinding({ screen }: CheckResults): Finding {
  const { width, height, pixelRatio, isWideGamut } = screen;
  const size = `${Math.round(width * pixelRatio)} × ${Math.round(height * pixelRatio)} pixels`;
  const gamut = isWideGamut ? "a wide gamut (P3)" : "standard colours (sRGB)";
  return { id: "screen", title: "Screen", grade: null, text: `${size}, ${gamut}.`, advice: null };
}

/** The result as a text to be sent to the colourist. */
export function asText(
  { summary, findings }: Verdict,
  codecs: readonly CodecResult[],
  about: string,
): string {
  const lines = findings.map(({ title, grade, text, advice }) => {
    const words = grade === null ? "" : `${GRADE_WORDS[grade]}. `;
    return `${title}: ${words}${text}${advice === null || grade === "good" ? "" : ` ${advice}`}`;
  });
  const kinds = codecs.map(({ name, ways }) => `  ${name}: ${wayListWords(ways)}`);
  return ["ColourStream: check of the connection", summary, "", ...lines, "", ...kinds, "", about].join("\n");
}

/** By which ways a codec is shown. */
export function wayListWords(ways: CodecResult["ways"]): string {
  if (ways.includes("webrtc")) return "Without delay";
  return ways.includes("hls") ? "A second or two late" : "Not shown";
}
