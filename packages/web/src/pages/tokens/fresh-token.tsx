import { API_PREFIX, type ApiToken, type RouteName, routes } from "@colourstream/contract";
import { Button } from "../../ui/button.js";
import { CopyField } from "../../ui/copy-button.js";
import { useFocusOnOpen } from "../../ui/use-focus-on-open.js";

/** A token that has just been made: its secret, this once, and how to use it. */
export function FreshToken({
  token,
  secret,
  onDone,
}: {
  token: ApiToken;
  secret: string;
  onDone: () => void;
}) {
  const heading = useFocusOnOpen();
  const example = exampleFor(token);
  return (
    <section className="cs-confirm cs-fresh" aria-labelledby="fresh-token" data-testid="fresh-token">
      <h2 className="govuk-heading-m cs-confirm__title" id="fresh-token" tabIndex={-1} ref={heading}>
        “{token.name}” is ready
      </h2>
      <p className="govuk-body">
        <strong>Copy the token now.</strong> It is not shown again, and nobody can look it up. Whoever has it
        can do what you ticked.
      </p>
      <dl className="cs-fields">
        <dt>Token</dt>
        <dd>
          <CopyField value={secret} copies="token" testId="token-secret" />
        </dd>
        {example !== null && (
          <>
            <dt>Try it in a terminal where TOKEN holds it</dt>
            <dd>
              <CopyField
                value={`curl -H "Authorization: Bearer $TOKEN" ${location.origin}${API_PREFIX}${example}`}
                copies="example"
                testId="token-example"
              />
            </dd>
          </>
        )}
      </dl>
      <div className="govuk-button-group">
        <Button onClick={onDone}>I have copied it</Button>
      </div>
    </section>
  );
}

/** The path of a route that the token opens and that can be asked just so: it changes nothing and names no room. */
function exampleFor(token: ApiToken): string | null {
  const fits = (Object.keys(routes) as RouteName[])
    .map((name) => routes[name])
    .find(
      (route) =>
        "scope" in route &&
        token.scopes.includes(route.scope) &&
        route.method === "GET" &&
        !route.path.includes(":"),
    );
  return fits?.path ?? null;
}
