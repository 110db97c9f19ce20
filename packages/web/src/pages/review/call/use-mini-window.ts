import { useEffect, useState } from "react";

/** Document Picture-in-Picture (WICG): Chromium's; a small window that stays above other programs'. */
type PictureInPicture = {
  requestWindow(options: { width: number; height: number }): Promise<Window>;
};

const SIZE = { width: 300, height: 220 } as const;

function pictureInPicture(): PictureInPicture | null {
  const found: unknown = Reflect.get(window, "documentPictureInPicture");
  return found === undefined ? null : (found as PictureInPicture);
}

/** A small window for the talk button. `open` null: this browser has none. */
export function useMiniWindow(): { readonly place: Window | null; readonly open: (() => void) | null } {
  const [place, setPlace] = useState<Window | null>(null);
  const from = pictureInPicture();

  useEffect(() => () => place?.close(), [place]);

  async function open(where: PictureInPicture) {
    if (place !== null) {
      place.focus();
      return;
    }
    const made = await where.requestWindow(SIZE);
    made.document.title = document.title;
    made.document.documentElement.lang = document.documentElement.lang;
    made.document.body.className = "cs-mini-page";
    for (const sheet of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")) {
      const link = made.document.createElement("link");
      link.rel = "stylesheet";
      link.href = sheet.href; // files of our own: the page's policy takes no others
      made.document.head.append(link);
    }
    made.addEventListener("pagehide", () => setPlace(null), { once: true });
    setPlace(made);
  }

  return {
    place,
    open: from === null ? null : () => void open(from),
  };
}
