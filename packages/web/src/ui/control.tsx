import type { MouseEvent, ReactNode } from "react";

/** A button over a picture: an icon or a word, with its key in the tip. A disabled one stays in the tab order and says why. */
export function Control({
  id,
  label,
  keyName,
  pressed,
  disabled = false,
  onClick,
  testId,
  children,
}: {
  id?: string;
  label: string;
  keyName: string;
  pressed?: boolean;
  disabled?: boolean;
  onClick: (event: MouseEvent) => void;
  testId: string;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      id={id}
      className="cs-control"
      aria-label={label}
      aria-keyshortcuts={keyName}
      aria-pressed={pressed}
      aria-disabled={disabled}
      title={disabled ? label : `${label} (${keyName})`}
      onClick={disabled ? undefined : onClick}
      data-testid={testId}
    >
      {children}
    </button>
  );
}
