import { Link, type LinkProps } from "@tanstack/react-router";

/** One place below the page's section. */
export type SubNavItem = { readonly to: LinkProps["to"] & string; readonly text: string };

// What a page's address says behind the question mark does not make it another place.
const HERE = { exact: true, includeSearch: false } as const;

/** The places within a section of the studio, as links in a row. The one that is open is marked. */
export function SubNav({ label, items }: { label: string; items: readonly SubNavItem[] }) {
  return (
    <nav className="cs-sub-nav" aria-label={label}>
      <ul className="cs-sub-nav__list">
        {items.map(({ to, text }) => (
          <li key={to}>
            <Link to={to} className="cs-sub-nav__link" activeOptions={HERE}>
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
