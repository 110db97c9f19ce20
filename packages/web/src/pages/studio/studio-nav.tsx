import type { User } from "@colourstream/contract";
import { Link, type LinkProps, useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";

type Place = { readonly to: LinkProps["to"] & string; readonly text: string; readonly isOwners?: true };

const PLACES: readonly Place[] = [
  { to: "/studio", text: "Rooms" },
  { to: "/studio/recordings", text: "Recordings" },
  { to: "/studio/people", text: "People", isOwners: true },
  { to: "/studio/settings", text: "Settings", isOwners: true },
  { to: "/studio/security", text: "Security", isOwners: true },
  { to: "/studio/about", text: "About" },
];

// The router would mark “/studio” on every page below it: which section is open is said by `sectionOf`.
const EXACT = { exact: true } as const;

/** The design system's service navigation: the studio's sections, and on the right who is signed in. */
export function StudioNav({ user, onSignOut }: { user: User; onSignOut: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever has gone somewhere is done with the menu
  useEffect(() => setOpen(false), [pathname]);
  const places = PLACES.filter(({ isOwners }) => isOwners !== true || user.role === "owner");
  const current = sectionOf(pathname);
  return (
    <nav
      className={`cs-nav${isOpen ? " cs-nav--open" : ""}`}
      aria-label="Studio"
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
    >
      <button
        type="button"
        className="cs-nav__menu"
        aria-expanded={isOpen}
        aria-controls="studio-places"
        onClick={() => setOpen(!isOpen)}
        data-testid="menu"
      >
        Menu
      </button>
      <ul className="cs-nav__list" id="studio-places">
        {places.map(({ to, text }) => (
          <li key={to}>
            <Link
              to={to}
              className="cs-nav__link"
              activeOptions={EXACT}
              aria-current={to === current ? "page" : undefined}
            >
              {text}
            </Link>
          </li>
        ))}
        <li className="cs-nav__me">
          <Link
            to="/studio/account"
            className="cs-nav__link"
            activeOptions={EXACT}
            aria-current={current === "/studio/account" ? "page" : undefined}
            data-testid="my-account"
          >
            <span className="govuk-visually-hidden">Your account: </span>
            <span className="cs-nav__name">{user.name}</span>
          </Link>
        </li>
        <li>
          <button
            type="button"
            className="cs-nav__link"
            onClick={() => {
              setOpen(false);
              onSignOut();
            }}
          >
            Sign out
          </button>
        </li>
      </ul>
    </nav>
  );
}

/** The section that an address belongs to: a room's page belongs to the rooms. */
function sectionOf(pathname: string): string {
  const [, , section = ""] = pathname.split("/");
  return section === "" || section === "rooms" ? "/studio" : `/studio/${section}`;
}
