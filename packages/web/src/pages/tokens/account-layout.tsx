import { Outlet } from "@tanstack/react-router";
import { SubNav } from "../../ui/sub-nav.js";

const PLACES = [
  { to: "/studio/account", text: "Your account" },
  { to: "/studio/account/tokens", text: "API tokens" },
] as const;

/** `/studio/account`: one's own affairs. */
export function AccountLayout() {
  return (
    <>
      <SubNav label="Your account" items={PLACES} />
      <Outlet />
    </>
  );
}
