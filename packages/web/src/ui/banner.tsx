import { type ReactNode, useEffect, useId, useRef } from "react";

/**
 * The design system's notification banner. `done` tells what has just succeeded: it takes the focus, so that a screen
 * reader says it at once. `plain` stands on a page and waits to be read.
 */
export function Banner({
  title,
  children,
  tone = "plain",
  testId,
}: {
  title: string;
  children?: ReactNode;
  tone?: "plain" | "done";
  testId?: string;
}) {
  const box = useRef<HTMLElement>(null);
  const titleId = useId();
  const isDone = tone === "done";
  useEffect(() => {
    if (isDone) box.current?.focus();
  }, [isDone]);
  return (
    <section
      className={`cs-banner${isDone ? " cs-banner--done" : ""}`}
      role={isDone ? "alert" : undefined}
      tabIndex={isDone ? -1 : undefined}
      aria-labelledby={titleId}
      ref={box}
      data-testid={testId}
    >
      <h2 className="cs-banner__title" id={titleId}>
        {title}
      </h2>
      {children !== undefined && <div className="cs-banner__content">{children}</div>}
    </section>
  );
}
