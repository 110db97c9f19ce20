import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { Loading } from "../../ui/page.js";
import { pageAfterSignIn } from "./came-from.js";

/** Signed in: on to the page that was asked for, in place of this one. */
export function GoOn() {
  const navigate = useNavigate();
  const cameFrom = useLocation({ select: ({ state }) => state.cameFrom });
  useEffect(() => {
    void navigate({ href: pageAfterSignIn(cameFrom, location.origin), replace: true });
  }, [navigate, cameFrom]);
  return <Loading what="the studio" />;
}
