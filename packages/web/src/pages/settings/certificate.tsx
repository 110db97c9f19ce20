import type { Settings } from "@colourstream/contract";
import { dayWords } from "../../ui/local-time.js";

type Shown = NonNullable<Settings["rtmpsCertificate"]>;

/** The certificate that RTMPS shows to encoders, and what they have against it. It is given where ColourStream is started. */
export function Certificate({ settings }: { settings: Settings }) {
  const { rtmpsCertificate: certificate, rtmpsProblem: problem } = settings;
  if (problem !== null) {
    return (
      <div className="govuk-inset-text" data-testid="rtmps-certificate">
        <p className="govuk-error-message">RTMPS is off. {problem}</p>
        <p className="govuk-hint">The files are looked at again every minute.</p>
      </div>
    );
  }
  if (certificate === null) {
    return (
      <p className="govuk-inset-text" data-testid="rtmps-certificate">
        RTMPS is off, as no certificate is given. Name its files in <code>RTMPS_CERT_FILE</code> and{" "}
        <code>RTMPS_KEY_FILE</code> where ColourStream is started. SRT is encrypted without one.
      </p>
    );
  }
  const { names, issuer, expiresAt, isSelfSigned, warnings } = certificate;
  return (
    <div className="govuk-inset-text" data-testid="rtmps-certificate">
      <p className="govuk-body">
        Certificate for {names.join(", ")}
        {!isSelfSigned && `, by ${issuer}`}, until {dayWords(expiresAt)}.
      </p>
      {warnings.map((warning) => (
        <p className="govuk-body cs-strong" key={warning}>
          {WARNINGS[warning]}
        </p>
      ))}
    </div>
  );
}

const WARNINGS: Readonly<Record<Shown["warnings"][number], string>> = {
  expired: "It has expired: encoders refuse it.",
  "expires-soon": "It ends soon: renew it. ColourStream sees the new one by itself.",
  "self-signed":
    "It is self-signed: OBS refuses that. Use SRT with its passphrase, or a certificate from a known authority.",
  "other-host": "It is not for the name that encoders are told (the public address): they refuse it.",
  address: "Encoders are told an IP address: OBS accepts a host name alone. Enter one as the public address.",
};
