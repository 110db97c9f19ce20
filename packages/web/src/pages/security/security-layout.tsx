import { Outlet } from "@tanstack/react-router";
import { SubNav } from "../../ui/sub-nav.js";

const PLACES = [
  { to: "/studio/security", text: "Addresses" },
  { to: "/studio/security/sessions", text: "Sign-ins" },
  { to: "/studio/security/audit", text: "Audit log" },
] as const;

/** `/studio/security`: who is kept out, who is in, who did what. */
export function SecurityLayout() {
  return (
    <>
      <SubNav label="Security" items={PLACES} />
      <Outlet />
    </>
  );
}
