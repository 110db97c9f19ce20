import type { ReactNode } from "react";

/** A status in a word. */
export function Tag({ look, children }: { look?: "live" | "outline" | "bad"; children: ReactNode }) {
  return (
    <strong className={look === undefined ? "govuk-tag" : `govuk-tag govuk-tag--${look}`}>{children}</strong>
  );
}
