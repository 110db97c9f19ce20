import type { Room } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";

/** Starts and stops bars, counter and tone; out of the way while an encoder is live. */
export function TestSignal({ room }: { room: Room }) {
  const { stream } = room;
  const isOn = stream?.source?.protocol === "test-signal" && stream.state !== "interrupted";
  const params = { roomId: room.id };
  const change = useMutation({
    mutationFn: () => (isOn ? api("stopTestSignal", { params }) : api("startTestSignal", { params })),
  });
  if (stream?.state === "live" && !isOn) return null;
  return (
    <div className="cs-test-signal">
      {change.isError && (
        <span className="govuk-error-message cs-test-signal__error" role="alert">
          {sentence(change.error)}
        </span>
      )}
      <Button look="secondary" small busy={change.isPending} onClick={() => change.mutate()}>
        {isOn ? "Stop test signal" : "Start test signal"}
      </Button>
    </div>
  );
}
