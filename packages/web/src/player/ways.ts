/**
 * How the picture comes: untouched by WebRTC within a few frames; re-encoded for every browser, by WebRTC too; untouched
 * by HLS a second or two later, by plain HTTP.
 */
export type Way = "webrtc" | "universal" | "hls";

/** What the viewer wants: a way by hand, or whichever is best. */
export type WayChoice = "auto" | Way;

/** What this browser can do with the stream as it is now. */
export type Suits = {
  /** `poorly`: the picture would jump, as B-frames do. */
  readonly webrtc: "well" | "poorly" | "no";
  readonly hls: boolean;
  /** Whether the room has a rendition for every browser, and this one takes it. */
  readonly universal: boolean;
  /** Another word: another format, so that what failed before may work now. */
  readonly format: string;
};

/** Why a session failed. `codec`: it would again. `unreachable`: the network does not let this way through now. */
export type Failing = "codec" | "unreachable" | "other";

/** Chooses the way of the next session from what is wanted, what the browser can do and what has failed. */
export type Ways = {
  /** For the next session; null: this browser cannot show the stream. */
  next(): Way | null;
  /** The best way that may work: worth another try while a lesser one is on screen. */
  best(): Way | null;
  failed(way: Way, why: Failing): void;
  worked(way: Way): void;
  /** True when the format is another one. */
  suit(suits: Suits): boolean;
  choose(choice: WayChoice): void;
  choice(): WayChoice;
};

/** Begins with a browser that can do all. */
export function createWays(first: WayChoice = "auto"): Ways {
  let choice = first;
  let suits: Suits = { webrtc: "well", hls: true, universal: false, format: "" };
  let impossible = new Set<Way>(); // in this format
  let avoided: Way | null = null; // what failed last

  const order = (): readonly Way[] =>
    orderOf(choice, suits, impossible).filter((way) => !impossible.has(way));

  return {
    next: () => order().find((way) => way !== avoided) ?? order()[0] ?? null,
    best: () => order()[0] ?? null,
    failed(way, why) {
      if (why === "codec") impossible.add(way);
      else if (why === "unreachable") avoided = way;
    },
    worked(way) {
      if (way === avoided || way === order()[0]) avoided = null;
    },
    suit(next) {
      const isOther = next.format !== suits.format;
      const isChange =
        isOther ||
        next.webrtc !== suits.webrtc ||
        next.hls !== suits.hls ||
        next.universal !== suits.universal;
      suits = next;
      if (!isChange) return false;
      impossible = new Set();
      avoided = null;
      return true;
    },
    choose(next) {
      choice = next;
      avoided = null;
    },
    choice: () => choice,
  };
}

/** What was chosen by hand is kept to, unless it can show nothing at all. */
function orderOf(
  choice: WayChoice,
  { webrtc, hls, universal }: Suits,
  impossible: ReadonlySet<Way>,
): readonly Way[] {
  const byWebRtc: readonly Way[] = webrtc === "no" ? [] : ["webrtc"];
  const byHls: readonly Way[] = hls ? ["hls"] : [];
  if (choice === "hls") return hls ? byHls : byWebRtc;
  if (choice === "webrtc" && webrtc !== "no") return byWebRtc;
  if (choice === "universal" && universal) return ["universal"];
  const isWell = webrtc === "well" && !impossible.has("webrtc");
  // A network that blocks the one blocks the other: the re-encoded picture is for browsers that cannot show the sent one.
  const reEncoded: readonly Way[] = universal && !isWell ? ["universal"] : [];
  return isWell ? [...byWebRtc, ...byHls] : [...reEncoded, ...byHls, ...byWebRtc];
}
