import type { IngestAddresses, Room } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { CopyField } from "../../ui/copy-button.js";
import { SummaryCard } from "../../ui/summary.js";
import { isLocalAddress } from "./local-address.js";

/** What is typed into the encoder. The key is asked for by itself, and stays in this component only. */
export function IngestCard({ room }: { room: Room }) {
  const [addresses, setAddresses] = useState<IngestAddresses | null>(null);
  const [isRotating, setRotating] = useState(false);
  const params = { roomId: room.id };
  const reveal = useMutation({ mutationFn: () => api("readIngest", { params }), onSuccess: setAddresses });
  const rotate = useMutation({
    mutationFn: () => api("rotateKey", { params }),
    onSuccess: (fresh) => {
      setAddresses(fresh);
      setRotating(false);
    },
  });
  return (
    <SummaryCard title="Encoder" testId="ingest-card">
      {addresses === null ? (
        <>
          <p className="govuk-body">
            Whoever has the stream key can send a picture into this room. It is hidden until you ask for it.
          </p>
          {reveal.isError && (
            <p className="govuk-error-message" role="alert">
              {sentence(reveal.error)}
            </p>
          )}
          <div className="govuk-button-group">
            <Button look="secondary" busy={reveal.isPending} onClick={() => reveal.mutate()}>
              Show key
            </Button>
          </div>
        </>
      ) : (
        <>
          {addresses.urls.map(({ protocol, server, key }) => (
            <dl className="cs-fields" key={protocol} data-testid={`ingest-${protocol}`}>
              <dt>Server{addresses.urls.length > 1 && ` (${protocol.toUpperCase()})`}</dt>
              <dd>
                <CopyField value={server} copies="server" testId="ingest-server" />
              </dd>
              <dt>Stream key</dt>
              <dd>
                <CopyField value={key} copies="stream key" testId="ingest-key" />
              </dd>
            </dl>
          ))}
          {addresses.urls.some(({ server }) => isLocalAddress(server)) && (
            <p className="govuk-hint" data-testid="ingest-is-local">
              This server address works on this machine only. Set PUBLIC_ADDRESS or PUBLIC_URL, or open the
              studio by the machine’s network address.
            </p>
          )}
          <div className="govuk-button-group">
            <Button look="secondary" onClick={() => setAddresses(null)}>
              Hide key
            </Button>
            <Button look="secondary" onClick={() => setRotating(true)} disabled={isRotating}>
              Make a new key
            </Button>
          </div>
        </>
      )}
      {isRotating && (
        <Confirm
          title="Make a new stream key?"
          yes="Make a new key"
          danger
          busy={rotate.isPending}
          error={rotate.isError ? sentence(rotate.error) : undefined}
          onYes={() => rotate.mutate()}
          onNo={() => setRotating(false)}
        >
          <p className="govuk-body">
            The old key stops working at once. An encoder that is live with it is cut off within a second and
            must be given the new key. Viewers stay in the room.
          </p>
        </Confirm>
      )}
      <h3 className="govuk-heading-s cs-obs__title">In OBS</h3>
      <ol className="cs-obs">
        <li>
          <b>Settings → Stream:</b> Service “Custom…”, then server and stream key.
        </li>
        <li>
          <b>Output → Streaming:</b> x264 with Tune <b>zerolatency</b>, or NVENC with look-ahead off.
        </li>
        <li>
          <b>B-frames 0</b> (x264 options: bframes=0) and <b>Keyframe interval 1 s</b>.
        </li>
        <li>
          <b>Rate control CBR</b>, as high as the slowest viewer’s line allows.
        </li>
        <li>
          <b>Advanced → Video:</b> Colour space <b>Rec. 709</b>, range <b>Limited</b>.
        </li>
      </ol>
    </SummaryCard>
  );
}
