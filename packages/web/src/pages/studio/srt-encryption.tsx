import type { Room } from "@colourstream/contract";
import { useState } from "react";
import { sentence } from "../../api/queries.js";
import { Checkbox } from "../../ui/choices.js";
import { Confirm } from "../../ui/confirm.js";
import { useChangeRoom } from "./use-change-room.js";

/** Whether SRT encoders must encrypt. It is asked before that is given up, and saved as it is moved. */
export function SrtEncryption({ room, onChanged }: { room: Room; onChanged: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const change = useChangeRoom(room, () => {
    setAsking(false);
    onChanged();
  });
  const error = change.isError ? sentence(change.error) : undefined;
  return (
    <>
      {error !== undefined && !isAsking && (
        <p className="govuk-error-message" role="alert">
          {error}
        </p>
      )}
      <Checkbox
        id="srt-encrypted"
        label="Encrypted with a passphrase"
        hint={
          room.srtEncrypted
            ? "An encoder without the passphrase is turned away."
            : "Off: whoever is on the way can watch, and needs no more than the stream ID to send a picture."
        }
        checked={room.srtEncrypted}
        disabled={change.isPending || isAsking}
        onChange={(srtEncrypted) => (srtEncrypted ? change.mutate({ srtEncrypted }) : setAsking(true))}
      />
      {isAsking && (
        <Confirm
          title="Let SRT come in the clear?"
          yes="Switch encryption off"
          danger
          busy={change.isPending}
          error={error}
          onYes={() => change.mutate({ srtEncrypted: false })}
          onNo={() => setAsking(false)}
        >
          <p className="govuk-body">
            Whoever is on the way can then watch the picture and read the stream ID, which is all that is
            needed to send a picture into this room. Do it only for an encoder that cannot encrypt, inside
            your own network.
          </p>
        </Confirm>
      )}
    </>
  );
}
