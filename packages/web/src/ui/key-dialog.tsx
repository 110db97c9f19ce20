import { Button } from "./button.js";
import { useModal } from "./use-modal.js";

/** Keys that belong together; `name` null where there is one group. */
export type KeyGroup = {
  readonly name: string | null;
  readonly keys: readonly (readonly [key: string, meaning: string])[];
};

/** The keys of a page, in a dialog. */
export function KeyDialog({
  isOpen,
  groups,
  onClose,
}: {
  isOpen: boolean;
  groups: readonly KeyGroup[];
  onClose: () => void;
}) {
  const dialog = useModal(isOpen);
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
      {groups.map(({ name, keys }) => (
        <section className="cs-help__group" key={name}>
          {name !== null && <h3 className="cs-panel__group">{name}</h3>}
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
        </section>
      ))}
      <Button look="secondary" small onClick={onClose}>
        Close
      </Button>
    </dialog>
  );
}
