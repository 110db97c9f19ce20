const NAME = "colourstream.name";
const INVITED = "colourstream.invited";

/** The name from the last time. Empty where storage is switched off. */
export function rememberedName(): string {
  return read(NAME);
}

/** Keeps the name for the next time, where the browser allows it. */
export function rememberName(name: string) {
  write(NAME, name);
}

/** The room that this browser came into last by an invitation: its id only, never the invitation's secret. */
export function rememberedInvitation(): string {
  return read(INVITED);
}

/** Keeps into which room an invitation led, so that its page can be loaded again without the secret. */
export function rememberInvitation(roomId: string) {
  write(INVITED, roomId);
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch (error) {
    if (error instanceof DOMException) return "";
    throw error;
  }
}

function write(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
