import { KeyDialog } from "../../ui/key-dialog.js";

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
  return <KeyDialog isOpen={isOpen} keys={KEYS.filter(([key]) => isHost || key !== "P")} onClose={onClose} />;
}
