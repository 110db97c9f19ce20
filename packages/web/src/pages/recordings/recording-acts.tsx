import { API_PREFIX, type Recording, recordingFilePath } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { forgetRecording, keepRecording } from "../../api/recording-queries.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { NameForm } from "../../ui/name-form.js";
import { bytesWords, lengthWords } from "./recording-words.js";

const LONGEST_NAME = 120; // RecordingName in the contract

/** Download, rename and delete. What is asked before stands below the buttons. */
export function RecordingActs({
  recording,
  onDeleted,
}: {
  recording: Recording;
  onDeleted?: () => Promise<void>;
}) {
  const [asked, setAsked] = useState<null | "name" | "delete">(null);
  const client = useQueryClient();
  const params = { recordingId: recording.id };
  const close = () => setAsked(null);
  const remove = useMutation({
    mutationFn: () => api("deleteRecording", { params }),
    onSuccess: async () => {
      await onDeleted?.();
      forgetRecording(client, recording.id);
    },
  });
  return (
    <>
      <div className="cs-list__acts">
        {recording.state === "ready" && (
          <a
            className="govuk-button govuk-button--secondary cs-button--small"
            href={`${API_PREFIX}${recordingFilePath(recording.id)}?download`}
            download
            data-testid="download"
          >
            Download<span className="govuk-visually-hidden"> {recording.name}</span>
          </a>
        )}
        <Button look="secondary" small disabled={asked === "name"} onClick={() => setAsked("name")}>
          Rename<span className="govuk-visually-hidden"> {recording.name}</span>
        </Button>
        <Button look="secondary" small disabled={asked === "delete"} onClick={() => setAsked("delete")}>
          Delete<span className="govuk-visually-hidden"> {recording.name}</span>
        </Button>
      </div>
      {asked === "name" && (
        <div className="cs-list__below">
          <NameForm
            id={`name-${recording.id}`}
            label="Name of the recording"
            missing="Enter a name for the recording"
            maxLength={LONGEST_NAME}
            yes="Save name"
            value={recording.name}
            save={async (name) =>
              keepRecording(client, await api("renameRecording", { params, body: { name } }))
            }
            onDone={close}
          />
        </div>
      )}
      {asked === "delete" && (
        <div className="cs-list__below">
          <Confirm
            title={`Delete “${recording.name}” for good?`}
            yes="Delete recording"
            danger
            busy={remove.isPending}
            error={remove.isError ? sentence(remove.error) : undefined}
            onYes={() => remove.mutate()}
            onNo={close}
          >
            <p className="govuk-body">{lossWords(recording)}</p>
          </Confirm>
        </div>
      )}
    </>
  );
}

function lossWords({ state, durationMs, bytes, room }: Recording): string {
  if (state === "recording") {
    return `It is still recording: it is ended first. The stream and the review in ${room.name} go on. This cannot be taken back.`;
  }
  const what = `${lengthWords(durationMs)} from ${room.name}, ${bytesWords(bytes)}`;
  const first = state === "ready" ? " Download it first if it is still needed." : "";
  return `The file goes from the disk: ${what}.${first} This cannot be taken back.`;
}
