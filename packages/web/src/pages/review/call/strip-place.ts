/** How large the tiles are. */
export type TileSize = "small" | "medium" | "large";

/** How somebody likes the filmstrip: kept in their browser. */
export type StripChoice = {
  /** Where it floats, as shares of the room that is free beside it: 0,0 is the upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly size: TileSize;
  /** Whether it floats over the picture where no place is kept for it. */
  readonly isFloating: boolean;
  /** Whether it is folded away where a place is kept for it. */
  readonly isHidden: boolean;
  /** Faces as bright and as coloured as they come. */
  readonly hasColour: boolean;
};

/** What nobody has chosen yet: upper right, out of the picture's middle. */
export const FIRST_CHOICE: StripChoice = {
  x: 1,
  y: 0.12,
  size: "medium",
  isFloating: false,
  isHidden: false,
  hasColour: false,
};

/** A part of the window, in CSS pixels. */
export type Room = { readonly width: number; readonly height: number };
/** Its upper left corner, in CSS pixels from the window's. */
export type Corner = { readonly left: number; readonly top: number };

const KEY = "colourstream.filmstrip";
const SIZES: readonly TileSize[] = ["small", "medium", "large"];

/** The corner for these shares: wholly inside, whatever the window's size has become. */
export function cornerAt(choice: Pick<StripChoice, "x" | "y">, strip: Room, room: Room): Corner {
  return {
    left: Math.round(choice.x * Math.max(0, room.width - strip.width)),
    top: Math.round(choice.y * Math.max(0, room.height - strip.height)),
  };
}

/** The shares for a corner; what is dragged over an edge stays at it. */
export function sharesOf(corner: Corner, strip: Room, room: Room): { x: number; y: number } {
  return {
    x: share(corner.left, room.width - strip.width),
    y: share(corner.top, room.height - strip.height),
  };
}

function share(at: number, free: number): number {
  return free <= 0 ? 0 : Math.min(1, Math.max(0, at / free));
}

/** The next size, or the same at the end. */
export function resized(size: TileSize, by: 1 | -1): TileSize {
  return SIZES[SIZES.indexOf(size) + by] ?? size;
}

/** What was kept, whatever stands there. */
export function parseChoice(text: string): StripChoice {
  const kept = parsed(text);
  const part = (value: unknown, or: number) =>
    typeof value === "number" && value >= 0 && value <= 1 ? value : or;
  const flag = (value: unknown, or: boolean) => (typeof value === "boolean" ? value : or);
  return {
    x: part(kept["x"], FIRST_CHOICE.x),
    y: part(kept["y"], FIRST_CHOICE.y),
    size: SIZES.find((size) => size === kept["size"]) ?? FIRST_CHOICE.size,
    isFloating: flag(kept["isFloating"], FIRST_CHOICE.isFloating),
    isHidden: flag(kept["isHidden"], FIRST_CHOICE.isHidden),
    hasColour: flag(kept["hasColour"], FIRST_CHOICE.hasColour),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** From the last time. */
export function readStripChoice(): StripChoice {
  try {
    return parseChoice(localStorage.getItem(KEY) ?? "");
  } catch (error) {
    if (error instanceof DOMException) return FIRST_CHOICE; // storage is switched off
    throw error;
  }
}

/** For the next time, where the browser allows it. */
export function keepStripChoice(choice: StripChoice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
