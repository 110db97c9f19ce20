import type { ReactNode } from "react";
import { CloseIcon } from "../icons.js";

/** One thing to say. It goes with its cause; with `onClose` also by hand. */
export type Notice = {
  readonly id: string;
  readonly words: string;
  readonly act?: { readonly words: string; readonly do: () => void };
  readonly onClose?: () => void;
};

/** What the call has to say, at the picture's upper edge. A screen reader says each when it comes. */
export function Notices({ notices, children }: { notices: readonly Notice[]; children?: ReactNode }) {
  return (
    <div className="cs-told" role="status" aria-live="polite">
      {notices.map(({ id, words, act, onClose }) => (
        <div className="cs-told__box" key={id} data-testid={id}>
          <p className="cs-told__words">{words}</p>
          {act !== undefined && (
            <button type="button" className="cs-told__act" onClick={act.do}>
              {act.words}
            </button>
          )}
          {onClose !== undefined && (
            <button
              type="button"
              className="cs-told__act cs-told__close"
              onClick={onClose}
              aria-label="Close"
              title="Close"
            >
              <CloseIcon />
            </button>
          )}
        </div>
      ))}
      {children}
    </div>
  );
}
