import type { IngestAddresses, IngestUrl, Room } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { SummaryCard } from "../../ui/summary.js";
import { Tabs } from "../../ui/tabs.js";
import { wayIn } from "./encoder-lines.js";
import { IngestWay } from "./ingest-way.js";
import { SrtEncryption } from "./srt-encryption.js";

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
      {reveal.isError && (
        <p className="govuk-error-message" role="alert">
          {sentence(reveal.error)}
        </p>
      )}
      {addresses === null ? (
        <>
          <p className="govuk-body">
            Whoever has the stream key can send a picture into this room. It is hidden until you ask for it.
          </p>
          <div className="govuk-button-group">
            <Button look="secondary" busy={reveal.isPending} onClick={() => reveal.mutate()}>
              Show key
            </Button>
          </div>
        </>
      ) : (
        <>
          <WaysIn room={room} urls={addresses.urls} onChanged={() => reveal.mutate()} />
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
            The old key stops working at once, and so do SRT’s stream ID and passphrase. An encoder that is
            live with them is cut off within a second and must be given the new ones. Viewers stay in the
            room.
          </p>
        </Confirm>
      )}
      <h3 className="govuk-heading-s cs-obs__title">The picture, in OBS</h3>
      <ol className="cs-obs">
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

/** A tab for each protocol that is let in; the first is open until another is chosen. */
function WaysIn({
  room,
  urls,
  onChanged,
}: {
  room: Room;
  urls: readonly IngestUrl[];
  onChanged: () => void;
}) {
  const [chosen, setChosen] = useState<IngestUrl["protocol"] | null>(null);
  const open = urls.find(({ protocol }) => protocol === chosen) ?? urls[0];
  if (open === undefined) {
    return (
      <p className="govuk-body" data-testid="no-way-in">
        No encoder is let in: every protocol is switched off in the settings.
      </p>
    );
  }
  // Where the room wants a passphrase and there is none, the engine has none to give.
  const hasSwitch = open.passphrase !== null || !room.srtEncrypted;
  return (
    <Tabs
      label="Protocols"
      tabs={urls.map(({ protocol }) => ({ value: protocol, label: wayIn(protocol).name }))}
      open={open.protocol}
      onOpen={setChosen}
      testId="ingest"
    >
      <IngestWay key={open.protocol} address={open}>
        {open.protocol === "srt" && hasSwitch && <SrtEncryption room={room} onChanged={onChanged} />}
      </IngestWay>
    </Tabs>
  );
}
