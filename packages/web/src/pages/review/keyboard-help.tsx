import type { ReviewRoom } from "@colourstream/contract";
import { KeyDialog, type KeyGroup } from "../../ui/key-dialog.js";

/** The keys of the room that do something for this person, in a dialog. */
export function KeyboardHelp({
  isOpen,
  review,
  onClose,
}: {
  isOpen: boolean;
  review: Pick<ReviewRoom, "isHost" | "participant" | "callKind">;
  onClose: () => void;
}) {
  return <KeyDialog isOpen={isOpen} groups={groupsFor(review)} onClose={onClose} />;
}

function groupsFor({
  isHost,
  participant,
  callKind,
}: Pick<ReviewRoom, "isHost" | "participant" | "callKind">): readonly KeyGroup[] {
  const mayTalk = participant.role !== "observer" && callKind === "builtin"; // MiroTalk's page has keys of its own
  return [
    {
      name: "Picture",
      keys: [
        ["F", "Full screen"],
        ["1", "1:1 or fit. At 1:1, drag or use the arrow keys"],
        ["L", "Layout: picture alone, with tiles, with panel"],
      ],
    },
    { name: "Sound", keys: [["M", "The programme’s sound off and on"]] },
    {
      name: "Talk",
      keys: [
        ...(mayTalk ? TALK_KEYS : []),
        ...(mayTalk && !isHost ? SIDE_KEYS : []),
        ["H", "Raise and lower your hand"],
      ],
    },
    {
      name: "Panels",
      keys: [
        ["P", isHost ? "People: who is here; let in, send out, lock" : "People: who is here"],
        ["C", "Chat"],
        ["I", "Signal: latency, loss, codec, colour"],
        ["Esc", "Close the panel"],
        ["?", "This list"],
      ],
    },
  ];
}

const TALK_KEYS = [
  ["Space", "Talk while held"],
  ["T", "Microphone on and off"],
  ["V", "Camera on and off"],
  ["S", "Share your screen"],
] as const;
const SIDE_KEYS = [["Y", "Talk to the client’s side only"]] as const;
