import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { WordMark } from "./word-mark.js";

/** The frame of every page but the review room: skip link, header, main. */
export function Page({ nav, bar, children }: { nav?: ReactNode; bar?: ReactNode; children: ReactNode }) {
  return (
    <>
      <a href="#main" className="govuk-skip-link">
        Skip to main content
      </a>
      <header className="govuk-generic-header">
        <div className="govuk-generic-header__container govuk-width-container">
          <div className="govuk-generic-header__logo">
            <Link to="/" className="govuk-generic-header__homepage-link">
              <WordMark />
            </Link>
          </div>
          {nav}
        </div>
      </header>
      {bar}
      <div className="govuk-width-container">
        <main className="govuk-main-wrapper" id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}

/** While a page's first answer is on its way. Nothing is painted for a moment, so that quick answers do not flash. */
export function Loading({ what }: { what: string }) {
  return (
    <p className="govuk-body cs-loading" role="status">
      Loading {what}…
    </p>
  );
}

/** A page that could not be loaded, with the one thing that can be done. */
export function LoadFailed({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div role="alert">
      <h1 className="govuk-heading-l">This page could not be loaded</h1>
      <p className="govuk-body">{message}</p>
      <button type="button" className="govuk-button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
