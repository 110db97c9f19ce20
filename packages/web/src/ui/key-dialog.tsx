import { useEffect, useRef } from "react";
import { Button } from "./button.js";

/** The keys of a page, in a dialog. */
export function KeyDialog({
  isOpen,
  keys,
  onClose,
}: {
  isOpen: boolean;
  keys: readonly (readonly [key: string, meaning: string])[];
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen && dialog.current?.open === false) dialog.current.showModal();
    if (!isOpen) dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      className="cs-help"
      ref={dialog}
      onClose={onClose}
      aria-labelledby="keys-title"
      data-testid="help"
    >
      <h2 className="cs-panel__title" id="keys-title">
        Keyboard
      </h2>
      <dl className="cs-help__keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <Button look="secondary" small onClick={onClose}>
        Close
      </Button>
    </dialog>
  );
}
