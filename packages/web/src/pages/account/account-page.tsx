import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../../api/queries.js";
import { useTitle } from "../../ui/use-title.js";
import { Logins } from "./logins.js";
import { OwnName } from "./own-name.js";
import { Passkeys } from "./passkeys.js";

/** `/studio/account`: one's name, passkeys and logins. */
export function AccountPage() {
  useTitle("Your account");
  const user = useQuery(sessionQuery).data?.user;
  if (user == null) return null; // the studio's frame is on its way to the sign-in page
  return (
    <>
      <h1 className="govuk-heading-l">Your account</h1>
      <OwnName user={user} />
      <Passkeys />
      <Logins />
    </>
  );
}
