const KEY = "colourstream.headphones";

/** Whether the hint about headphones was closed on this machine. */
export function hasHeadphonesRead(): boolean {
  try {
    return localStorage.getItem(KEY) === "read";
  } catch (error) {
    if (error instanceof DOMException) return false; // storage is switched off
    throw error;
  }
}

/** It is said once. */
export function readHeadphones(): void {
  try {
    localStorage.setItem(KEY, "read");
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
