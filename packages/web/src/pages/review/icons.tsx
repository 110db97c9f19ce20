import type { ReactNode } from "react";

/** The frame of every icon: 24 × 24, drawn in lines of the text's colour. */
export function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="cs-icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** A loudspeaker with waves, or crossed out. */
export function SoundIcon({ isOn }: { isOn: boolean }) {
  return (
    <Icon>
      <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5Z" />
      {isOn ? (
        <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
      ) : (
        <path d="m16 9.5 5 5m0-5-5 5" />
      )}
    </Icon>
  );
}

/** Bars of a meter. */
export function SignalIcon() {
  return (
    <Icon>
      <path d="M5 19v-4M10 19V9M15 19v-7M20 19V5" />
    </Icon>
  );
}

/** Two heads with shoulders. */
export function PeopleIcon() {
  return (
    <Icon>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M3 19.5c.4-3.4 2.8-5 6-5s5.6 1.6 6 5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.5 14.8c2 .6 3.2 2.2 3.5 4.7" />
    </Icon>
  );
}

/** A question mark in a circle. */
export function HelpIcon() {
  return (
    <Icon>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M9.8 9.6a2.3 2.3 0 1 1 3.2 2.3c-.7.3-1 .8-1 1.6M12 16.4v.1" />
    </Icon>
  );
}

/** Corners outwards or inwards. */
export function FullScreenIcon({ isOn }: { isOn: boolean }) {
  return (
    <Icon>
      {isOn ? (
        <path d="M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5" />
      ) : (
        <path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />
      )}
    </Icon>
  );
}

/** A cross. */
export function CloseIcon() {
  return (
    <Icon>
      <path d="m6.5 6.5 11 11m0-11-11 11" />
    </Icon>
  );
}

/** A speech bubble with lines. */
export function ChatIcon() {
  return (
    <Icon>
      <path d="M4 5.5h16v10.5h-9l-4.5 3.5V16H4ZM8 9.2h8M8 12.4h5" />
    </Icon>
  );
}

/** An open hand. */
export function HandIcon() {
  return (
    <Icon>
      <path d="M8 12.5V6.2a1.4 1.4 0 0 1 2.8 0v5M10.8 10.5V4.8a1.4 1.4 0 0 1 2.8 0v5.7M13.6 10.8V6a1.4 1.4 0 0 1 2.8 0v7.7c0 4-2 6.3-5.2 6.3-2.7 0-3.9-1.2-5.2-3.4l-2-3.6a1.4 1.4 0 0 1 2.4-1.5L8 13.6" />
    </Icon>
  );
}

/** The window as it is laid out: the picture alone, with a row of tiles, with a panel beside. */
export function LayoutIcon({ layout }: { layout: "picture" | "tiles" | "panel" }) {
  return (
    <Icon>
      <path d="M3.5 5.5h17v13h-17Z" />
      {layout === "tiles" && <path d="M3.5 14.2h17M9.2 14.2v4.3M14.8 14.2v4.3" />}
      {layout === "panel" && <path d="M14.5 5.5v13M17 9h1M17 12h1" />}
    </Icon>
  );
}
