import type { IngestUrl } from "@colourstream/contract";
import type { ReactNode } from "react";
import { CopyField } from "../../ui/copy-button.js";
import { aboutWay, ffmpegLine, srtFields } from "./encoder-lines.js";
import { isLocalAddress } from "./local-address.js";

/** One way in: the fields to copy, and where they go. `children` stand between the fields and the instructions. */
export function IngestWay({ address, children }: { address: IngestUrl; children?: ReactNode }) {
  const { protocol, server } = address;
  return (
    <div data-testid={`ingest-${protocol}`}>
      <p className="govuk-hint">{aboutWay(address)}</p>
      <Fields address={address} />
      {isLocalAddress(server) && (
        <p className="govuk-hint" data-testid="ingest-is-local">
          This address works on this machine only. Set PUBLIC_ADDRESS or PUBLIC_URL, or open the studio by the
          machine’s network address.
        </p>
      )}
      {children}
      <Instructions address={address} />
    </div>
  );
}

function Fields({ address: { protocol, server, key, passphrase } }: { address: IngestUrl }) {
  const names = FIELD_NAMES[protocol];
  return (
    <dl className="cs-fields">
      <dt>Server</dt>
      <dd>
        <CopyField value={server} copies="server" testId="ingest-server" />
      </dd>
      <dt>{names.key}</dt>
      <dd>
        {key === "" ? (
          <span data-testid="ingest-no-key">
            Leave it empty: the server’s address has all that is needed.
          </span>
        ) : (
          <CopyField value={key} copies={names.copied} testId="ingest-key" />
        )}
      </dd>
      {passphrase !== null && (
        <>
          <dt>Passphrase, for encoders with a field for it</dt>
          <dd>
            <CopyField value={passphrase} copies="passphrase" testId="ingest-passphrase" />
          </dd>
        </>
      )}
    </dl>
  );
}

const FIELD_NAMES: Readonly<Record<IngestUrl["protocol"], { key: string; copied: string }>> = {
  rtmp: { key: "Stream key", copied: "stream key" },
  rtmps: { key: "Stream key", copied: "stream key" },
  srt: { key: "Stream ID", copied: "stream ID" },
  whip: { key: "Bearer token", copied: "bearer token" },
};

function Instructions({ address }: { address: IngestUrl }) {
  const { protocol, url } = address;
  return (
    <details className="govuk-details cs-more">
      <summary className="govuk-details__summary">
        <span className="govuk-details__summary-text">What to type where</span>
      </summary>
      <div className="govuk-details__text">
        <h3 className="govuk-heading-s">OBS: Settings → Stream</h3>
        <ObsFields address={address} />
        {protocol === "srt" && <SrtBoxes address={address} />}
        {protocol !== "whip" && (
          <>
            <h3 className="govuk-heading-s">Encoders with one field</h3>
            <div className="cs-fields">
              <CopyField value={url} copies="the whole address" testId="ingest-url" />
            </div>
          </>
        )}
        <h3 className="govuk-heading-s">FFmpeg{protocol === "whip" && ", from version 8"}</h3>
        <div className="cs-fields">
          <CopyField value={ffmpegLine(address)} copies="the FFmpeg line" testId="ingest-ffmpeg" />
        </div>
      </div>
    </details>
  );
}

function ObsFields({ address: { protocol, key } }: { address: IngestUrl }) {
  if (protocol === "whip") {
    return (
      <p className="govuk-body">
        Service <b>WHIP</b>, then{" "}
        {key === "" ? "the server as above, and no bearer token" : "server and bearer token as above"}. Under
        Output, choose an Opus audio encoder.
      </p>
    );
  }
  if (protocol === "srt" && key === "") {
    return (
      <p className="govuk-body">
        Service <b>Custom…</b>, then the server as above. The <b>stream key</b> stays empty: stream ID and
        latency are in the server’s address.
      </p>
    );
  }
  if (protocol === "srt") {
    return (
      <p className="govuk-body">
        Service <b>Custom…</b>, then the server as above, and the stream ID as the <b>stream key</b>. Latency
        {" and passphrase are in the server’s address already."}
      </p>
    );
  }
  return (
    <p className="govuk-body">
      Service <b>Custom…</b>, then server and stream key as above. “Use authentication” stays off.
    </p>
  );
}

function SrtBoxes({ address: { server, key, passphrase } }: { address: IngestUrl }) {
  const { host, port, latencyMs, streamId } = srtFields(server);
  return (
    <>
      <h3 className="govuk-heading-s">Encoders with a field for each</h3>
      <ul className="govuk-list" data-testid="ingest-srt-fields">
        <li>
          Mode <b>caller</b>
        </li>
        <li>
          Address <b>{host}</b>, port <b>{port}</b>
        </li>
        <li>
          Stream ID <b>{key || streamId}</b>
        </li>
        <li>
          Latency <b>{latencyMs} ms</b>, more on a long line: four times the round trip
        </li>
        <li>{passphrase === null ? "Encryption off" : "Encryption AES-128, with the passphrase above"}</li>
      </ul>
    </>
  );
}
