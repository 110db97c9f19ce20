import type { Room } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Checkbox } from "../../ui/choices.js";
import { Confirm } from "../../ui/confirm.js";
import { DateTimeField } from "../../ui/date-time-field.js";
import { FormButtons } from "../../ui/form-buttons.js";
import { fromInput, momentInput, momentWords } from "../../ui/local-time.js";
import { SummaryCard } from "../../ui/summary.js";
import { usePeopleActs } from "../use-people-acts.js";
import { inWords } from "./room-words.js";
import { useNow } from "./use-now.js";
import { useSavedChange } from "./use-saved-change.js";

/** Who gets in, what lies over the picture, and until when. Each switch is saved as it is moved. */
export function AccessCard({ room }: { room: Room }) {
  const [isEnding, setEnding] = useState(false);
  const [isDating, setDating] = useState(false);
  const now = useNow();
  const { change, saved, setSaved, save, asked } = useSavedChange(room);
  const acts = usePeopleActs(room.id);
  const isLocked = room.lockedAt !== null;
  const error = change.isError && !isDating ? sentence(change.error) : acts.error;
  return (
    <SummaryCard title="Access" testId="access-card">
      <div className="cs-access">
        {error !== null && (
          <p className="govuk-error-message" role="alert">
            {error}
          </p>
        )}
        <div className="cs-access__switches">
          <Checkbox
            id="waiting-room"
            label="Waiting room"
            hint="Whoever comes waits until you let them in. Presenters do not wait."
            checked={asked.waitingRoom ?? room.waitingRoom}
            onChange={(waitingRoom) =>
              save({ waitingRoom }, waitingRoom ? "Saved: who comes waits." : "Saved: nobody waits.")
            }
          />
          <Checkbox
            id="lock"
            label="Locked"
            hint="Nobody new can come in. Whoever is in stays."
            checked={isLocked !== acts.isBusyWithLock}
            onChange={(locked) => {
              setSaved("");
              acts.do(
                { is: locked ? "lock" : "unlock" },
                {
                  onSuccess: () =>
                    setSaved(locked ? "Saved: the room is locked." : "Saved: the room is open."),
                },
              );
            }}
          />
          <Checkbox
            id="watermark"
            label="Watermark"
            hint="Each viewer sees their own name and the time, faint and moving, over the picture."
            checked={asked.watermark ?? room.watermark}
            onChange={(watermark) =>
              save({ watermark }, watermark ? "Saved: the watermark is on." : "Saved: the watermark is off.")
            }
          />
        </div>
        <p className="cs-saved" role="status" data-testid="access-saved">
          {saved}
        </p>
        <dl className="cs-fields cs-access__until">
          <dt>Closes by itself</dt>
          <dd data-testid="room-expires">
            {room.expiresAt === null
              ? "Never"
              : `${momentWords(room.expiresAt)}, ${inWords(room.expiresAt, now)}`}
            {!isDating && (
              <button
                type="button"
                className="cs-link-button"
                onClick={() => {
                  change.reset();
                  setDating(true);
                }}
              >
                Change<span className="govuk-visually-hidden"> when it closes by itself</span>
              </button>
            )}
          </dd>
        </dl>
        {isDating && (
          <ExpiryForm
            room={room}
            isBusy={change.isPending}
            problem={change.isError ? sentence(change.error) : undefined}
            onSave={(expiresAt) =>
              change.mutate(
                { expiresAt },
                {
                  onSuccess: () => {
                    setDating(false);
                    setSaved(expiresAt === null ? "Saved: it never closes by itself." : "Saved.");
                  },
                },
              )
            }
            onCancel={() => {
              change.reset();
              setDating(false);
            }}
          />
        )}
        <div className="govuk-button-group">
          <Button look="secondary" disabled={isEnding} onClick={() => setEnding(true)}>
            End the meeting
          </Button>
        </div>
        {isEnding && <EndMeeting room={room} onDone={() => setEnding(false)} />}
      </div>
    </SummaryCard>
  );
}

function ExpiryForm({
  room,
  isBusy,
  problem,
  onSave,
  onCancel,
}: {
  room: Room;
  isBusy: boolean;
  problem: string | undefined;
  onSave: (expiresAt: number | null) => void;
  onCancel: () => void;
}) {
  const [at, setAt] = useState(room.expiresAt === null ? "" : momentInput(room.expiresAt));
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  return (
    <form
      noValidate
      data-testid="expiry-form"
      onSubmit={(event) => {
        event.preventDefault();
        const expiresAt = fromInput(at);
        if (expiresAt === null) setWrong("Enter a day and a time");
        else if (expiresAt <= Date.now()) setWrong("Enter a time that is still to come");
        else {
          setWrong(undefined);
          onSave(expiresAt);
        }
      }}
    >
      <DateTimeField
        id="expires-at"
        label="Day and time"
        hint="It is archived then: everybody is sent out, and its key stops working."
        value={at}
        min={momentInput(Date.now())}
        onChange={setAt}
        error={wrong ?? problem}
      />
      <FormButtons yes="Save" busy={isBusy} onCancel={onCancel}>
        {room.expiresAt !== null && (
          <Button look="secondary" disabled={isBusy} onClick={() => onSave(null)}>
            Never close
          </Button>
        )}
      </FormButtons>
    </form>
  );
}

function EndMeeting({ room, onDone }: { room: Room; onDone: () => void }) {
  const end = useMutation({
    mutationFn: () => api("endMeeting", { params: { roomId: room.id } }),
    onSuccess: onDone,
  });
  return (
    <Confirm
      title="End the meeting for everybody?"
      yes="End the meeting"
      danger
      busy={end.isPending}
      error={end.isError ? sentence(end.error) : undefined}
      onYes={() => end.mutate()}
      onNo={onDone}
    >
      <p className="govuk-body">
        Everybody is sent out of the room at once, and the room is locked. The encoder may go on. To meet
        again, take the lock off: the link, the password and the invitations stay the same.
      </p>
    </Confirm>
  );
}
