import { useEffect, useRef } from "react";
import { Button } from "../../ui/button.js";

const KEYS = [
  ["F", "Full screen"],
  ["1", "1:1 or fit. At 1:1, drag or use the arrow keys"],
  ["M", "Sound off and on"],
  ["I", "Signal: latency, loss, codec, colour"],
  ["P", "People: let in, send out, lock"],
  ["?", "This list"],
] as const;

/** The keys of the room, in a dialog. */
export function KeyboardHelp({
  isOpen,
  isHost,
  onClose,
}: {
  isOpen: boolean;
  isHost: boolean;
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
        {KEYS.filter(([key]) => isHost || key !== "P").map(([key, meaning]) => (
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
