/** Where the first one-time link comes from. */
export function WhereTheLinkIs() {
  return (
    <p className="govuk-body">
      Open the set-up link that <code>npm start</code> has printed on the machine that runs ColourStream. It
      works once, for an hour; starting again prints a new one.
    </p>
  );
}

/** For those whose passkeys are gone. */
export function LostPasskeys() {
  return (
    <details className="govuk-details" data-testid="lost-passkeys">
      <summary className="govuk-details__summary">
        <span className="govuk-details__summary-text">Lost your passkeys?</span>
      </summary>
      <div className="govuk-details__text">
        <p className="govuk-body">
          <strong className="cs-strong">Colourists:</strong> ask the owner of this ColourStream for a new
          link. It lets you in once, to add a new passkey.
        </p>
        <p className="govuk-body">
          <strong className="cs-strong">The owner:</strong> run{" "}
          <code className="cs-nowrap">npm run cli -- recover</code> on the machine that runs ColourStream. It
          prints a link that lets you in once.
        </p>
      </div>
    </details>
  );
}
