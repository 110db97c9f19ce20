import type { KeyboardEvent, PointerEvent, ReactNode } from "react";

/** A button that counts while it is held, by pointer, finger or key. */
export function HoldButton({
  className,
  isDown,
  onHold,
  testId,
  children,
}: {
  className: string;
  isDown: boolean;
  onHold: (isDown: boolean) => void;
  testId: string;
  children: ReactNode;
}) {
  const isKey = (event: KeyboardEvent) => event.key === " " || event.key === "Enter";
  return (
    <button
      type="button"
      className={className}
      aria-pressed={isDown}
      data-testid={testId}
      onPointerDown={(event: PointerEvent<HTMLButtonElement>) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId); // it counts until the finger is lifted, wherever it is then
        onHold(true);
      }}
      onPointerUp={() => onHold(false)}
      onPointerCancel={() => onHold(false)}
      onLostPointerCapture={() => onHold(false)}
      onContextMenu={(event) => event.preventDefault()} // what a long press means elsewhere
      onKeyDown={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        if (!event.repeat) onHold(true);
      }}
      onKeyUp={(event) => {
        if (isKey(event)) onHold(false);
      }}
      onBlur={() => onHold(false)}
    >
      {children}
    </button>
  );
}
