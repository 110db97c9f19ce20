import type { PasskeyPlace } from "../../passkeys/place.js";
import { CopyButton, CopyField } from "../../ui/copy-button.js";

/** Why passkeys do not work on this page, and where to go. `path`: of this page, with what stands behind its #. */
export function WrongPlace({ place, path }: { place: PasskeyPlace; path: string }) {
  switch (place.is) {
    case "here":
      return null;
    case "old-browser":
      return (
        <p className="govuk-body" data-testid="wrong-place">
          This browser does not know passkeys. Open the page in a current Chrome, Edge, Safari or Firefox.
        </p>
      );
    case "nowhere":
      return (
        <div data-testid="wrong-place">
          <p className="govuk-body">
            ColourStream runs at <strong>{place.origin}</strong>. Browsers allow passkeys only at an address
            that begins with <strong>https://</strong> and has a name, and on the machine itself at{" "}
            <strong>localhost</strong>.
          </p>
          <p className="govuk-body">
            On the machine that runs ColourStream, set <code>PUBLIC_URL</code> to such an https address, or
            take it away to work at localhost. Then start ColourStream again.
          </p>
        </div>
      );
    case "elsewhere":
      return <Elsewhere origin={place.origin} onMachineOnly={place.onMachineOnly} path={path} />;
  }
}

function Elsewhere({
  origin,
  onMachineOnly,
  path,
}: {
  origin: string;
  onMachineOnly: boolean;
  path: string;
}) {
  const target = `${origin}${path}`;
  const [shown = target] = target.split("#");
  const link = (
    <a className="govuk-link cs-wrong-place__link" href={target} data-testid="right-place">
      {shown}
    </a>
  );
  if (!onMachineOnly) {
    return (
      <div data-testid="wrong-place">
        <p className="govuk-body">
          Passkeys belong to one address. They do not work at {location.origin}, where you are now.
        </p>
        <p className="govuk-body">Go on at {link}</p>
      </div>
    );
  }
  const { port } = new URL(origin);
  const isSecret = path.includes("#");
  return (
    <div data-testid="wrong-place">
      <p className="govuk-body">
        You are at {location.origin}. Browsers allow passkeys only at an https address, and at localhost on
        the machine itself. There are three ways to go on:
      </p>
      <ol className="govuk-list govuk-list--number govuk-list--spaced">
        <li>
          <strong className="cs-strong">Sit at the machine that runs ColourStream?</strong> Open {link} there.
          {isSecret && (
            <span className="cs-wrong-place__copy">
              <CopyButton text={target} label="Copy the whole link" copies="" />
            </span>
          )}
        </li>
        <li>
          <strong className="cs-strong">Is it a server in a rack?</strong> Run this on your own computer, then
          open the same link in your own browser:
          <div className="cs-wrong-place__copy">
            <CopyField
              value={`ssh -L ${port || "80"}:localhost:${port || "80"} ${location.hostname}`}
              copies="command"
              testId="ssh-command"
            />
          </div>
        </li>
        <li>
          <strong className="cs-strong">For everyday work:</strong> give ColourStream an https address and
          start it with <code>PUBLIC_URL</code> set to it.
        </li>
      </ol>
    </div>
  );
}
