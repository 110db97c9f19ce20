import { Navigate } from "@tanstack/react-router";
import { useState } from "react";
import "./came-from.js"; // history knows the page

/** Sends whoever may not be here to a way in, which then leads back to this page. */
export function LeaveFor({ to }: { to: "/" | "/set-up" }) {
  // Taken once: while this is on its way out, the address is already the other page's.
  const [cameFrom] = useState(() => `${location.pathname}${location.search}`);
  return <Navigate to={to} replace state={{ cameFrom }} />;
}
