import "@tanstack/react-router";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The studio page that somebody asked for before they had signed in. In history, where no link can set it. */
    cameFrom?: string;
  }
}

const START = "/studio";

/** Where to go after signing in: the page one came from when it is one of the studio's, else its first. */
export function pageAfterSignIn(cameFrom: string | undefined, origin: string): string {
  if (cameFrom === undefined || !URL.canParse(cameFrom, origin)) return START;
  const page = new URL(cameFrom, origin);
  const isStudio = page.pathname === START || page.pathname.startsWith(`${START}/`);
  return page.origin === origin && isStudio ? `${page.pathname}${page.search}` : START;
}
