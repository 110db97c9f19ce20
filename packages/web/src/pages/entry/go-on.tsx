import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Loading } from "../../ui/page.js";
import { pageAfterSignIn } from "./came-from.js";

/** Signed in: on to the page that was asked for, in place of this one. */
export function GoOn() {
  const navigate = useNavigate();
  const cameFrom = useLocation({ select: ({ state }) => state.cameFrom });
  // Taken once: while this is on its way out, history is already the other page's.
  const [href] = useState(() => pageAfterSignIn(cameFrom, location.origin));
  useEffect(() => {
    void navigate({ href, replace: true });
  }, [navigate, href]);
  return <Loading what="the studio" />;
}
