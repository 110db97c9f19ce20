const KEY = "colourstream.name";

/** The name from the last time, the only thing that this browser keeps. Empty where storage is switched off. */
export function rememberedName(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch (error) {
    if (error instanceof DOMException) return "";
    throw error;
  }
}

/** Keeps the name for the next time, where the browser allows it. */
export function rememberName(name: string) {
  try {
    localStorage.setItem(KEY, name);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
