import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { sessionQuery } from "../../api/queries.js";
import { useTitle } from "../../ui/use-title.js";

/** Around the pages that are the owner's affair. The server refuses by itself; this says so in words. */
export function OwnerOnly() {
  const session = useQuery(sessionQuery);
  if (session.data?.user?.role === "owner") return <Outlet />;
  return <NotTheOwner />;
}

function NotTheOwner() {
  useTitle("Only the owner can see this page");
  return (
    <div data-testid="owner-only">
      <h1 className="govuk-heading-l">Only the owner can see this page</h1>
      <p className="govuk-body">
        People, settings and security are looked after by the owner of this ColourStream. Ask them if
        something there needs to change.
      </p>
      <p className="govuk-body">
        <Link to="/studio" className="govuk-link">
          Go to your rooms
        </Link>
      </p>
    </div>
  );
}
