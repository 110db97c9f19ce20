/** The code in `/set-up#…`. It leaves the address at once: neither history nor a screenshot shall keep it. */
export function takeSetUpCode(): string {
  if (location.pathname !== "/set-up" || location.hash.length < 2) return "";
  const code = location.hash.slice(1);
  history.replaceState(history.state, "", location.pathname);
  return code;
}

/** Taken before anything else of the page runs. */
export const codeAtStart = takeSetUpCode();
