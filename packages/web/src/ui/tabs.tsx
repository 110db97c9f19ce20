import { type KeyboardEvent, type ReactNode, useId } from "react";

/** One of several views of the same thing. */
export type Tab<V extends string = string> = {
  readonly value: V;
  readonly label: string;
  /** How much waits behind it to be seen; `countWords` says of what. */
  readonly count?: number;
  readonly countWords?: string;
};

/**
 * The design system's tabs, in a row at every width as their labels are short: one is open. The arrow keys go from one
 * to the next (WAI-ARIA APG, Tabs, with automatic activation).
 */
export function Tabs<V extends string>({
  label,
  tabs,
  open,
  onOpen,
  testId,
  children,
}: {
  label: string;
  tabs: readonly Tab<V>[];
  open: V;
  onOpen: (value: V) => void;
  /** Of the panel; each tab's is `<testId>-tab-<value>`. */
  testId: string;
  children: ReactNode;
}) {
  const own = useId();
  const idOf = (value: V) => `${own}-${value}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex(({ value }) => value === open);
    const to = STEPS[event.key]?.(at, tabs.length);
    const next = to === undefined ? undefined : tabs[to];
    if (next === undefined) return;
    event.preventDefault();
    onOpen(next.value);
    document.getElementById(idOf(next.value))?.focus();
  };
  return (
    <div className="cs-tabs">
      <div className="cs-tabs__list" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(({ value, label: text, count, countWords }) => (
          <button
            key={value}
            type="button"
            role="tab"
            id={idOf(value)}
            className="cs-tabs__tab"
            aria-selected={value === open}
            aria-controls={`${own}-panel`}
            tabIndex={value === open ? 0 : -1}
            data-testid={`${testId}-tab-${value}`}
            onClick={() => onOpen(value)}
          >
            {text}
            {count !== undefined && (
              <>
                <span className="cs-tabs__count" aria-hidden="true">
                  {count}
                </span>
                <span className="govuk-visually-hidden">, {countWords}</span>
              </>
            )}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${own}-panel`} aria-labelledby={idOf(open)} data-testid={testId}>
        {children}
      </div>
    </div>
  );
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_at, count) => count - 1,
};
