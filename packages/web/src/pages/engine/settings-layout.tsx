import { Outlet } from "@tanstack/react-router";
import { SubNav } from "../../ui/sub-nav.js";

const PLACES = [
  { to: "/studio/settings", text: "Settings" },
  { to: "/studio/settings/engine", text: "Media engine" },
] as const;

/** `/studio/settings`: what can be changed, and the media engine as it is. */
export function SettingsLayout() {
  return (
    <>
      <SubNav label="Settings" items={PLACES} />
      <Outlet />
    </>
  );
}
