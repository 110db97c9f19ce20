import { Icon } from "../icons.js";

/** A microphone, or crossed out. */
export function MicIcon({ isOn }: { isOn: boolean }) {
  return (
    <Icon>
      <path d="M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4Z" />
      <path d="M6 11.5a6 6 0 0 0 12 0M12 17.5V21" />
      {!isOn && <path d="m4 4 16 16" />}
    </Icon>
  );
}

/** A camera, or crossed out. */
export function CameraIcon({ isOn }: { isOn: boolean }) {
  return (
    <Icon>
      <path d="M3.5 7h10.5v10H3.5ZM14 11l6-3.2v8.4L14 13" />
      {!isOn && <path d="m4 4 16 16" />}
    </Icon>
  );
}

/** A screen with an arrow out of it. */
export function ScreenIcon() {
  return (
    <Icon>
      <path d="M3.5 5h17v11h-17ZM8.5 20h7M12 13.5v-6m-2.5 2.3L12 7.3l2.5 2.5" />
    </Icon>
  );
}

/** Two people on one side of a line. */
export function SideIcon() {
  return (
    <Icon>
      <circle cx="6" cy="9.5" r="2.4" />
      <circle cx="12.5" cy="9.5" r="2.4" />
      <path d="M2 17.5c.3-2.4 1.8-3.6 4-3.6 1.4 0 2.5.5 3.2 1.4.7-.9 1.9-1.4 3.3-1.4 2.2 0 3.7 1.2 4 3.6M20 4v16" />
    </Icon>
  );
}

/** Three tiles in a row. */
export function TilesIcon() {
  return (
    <Icon>
      <path d="M3 8h5v8H3ZM9.5 8h5v8h-5ZM16 8h5v8h-5Z" />
    </Icon>
  );
}

/** Two sliders. */
export function SettingsIcon() {
  return (
    <Icon>
      <path d="M4 8h8m4 0h4M4 16h3m4 0h9" />
      <circle cx="14" cy="8" r="2" />
      <circle cx="9" cy="16" r="2" />
    </Icon>
  );
}

/** A phone. */
export function PhoneIcon() {
  return (
    <Icon>
      <path d="M7.5 3h9v18h-9ZM11 18h2" />
    </Icon>
  );
}

/** A small window in a corner of a large one. */
export function MiniIcon() {
  return (
    <Icon>
      <path d="M3.5 5h17v14h-17ZM12.5 12h5v4h-5Z" />
    </Icon>
  );
}

/** A microphone between crossed lines: everybody is to be silent. */
export function MuteAllIcon() {
  return (
    <Icon>
      <path d="M9 4.5a2.2 2.2 0 0 1 2.2 2.2v4a2.2 2.2 0 0 1-4.4 0v-4A2.2 2.2 0 0 1 9 4.5ZM4 10.7a5 5 0 0 0 10 0M9 15.7V19" />
      <path d="m16.5 13.5 4.5 4.5m0-4.5-4.5 4.5" />
    </Icon>
  );
}

/** Headphones. */
export function CallIcon() {
  return (
    <Icon>
      <path d="M4 15v-2.5a8 8 0 0 1 16 0V15M4 14h3.5v5.5H5a1 1 0 0 1-1-1ZM20 14h-3.5v5.5H19a1 1 0 0 0 1-1Z" />
    </Icon>
  );
}

/** A receiver that is laid down. */
export function LeaveCallIcon() {
  return (
    <Icon>
      <path d="M3 14.5v-1.8C5.4 10 8.5 8.7 12 8.7s6.6 1.3 9 4v1.8a1 1 0 0 1-1.2 1l-3.2-.7a1 1 0 0 1-.8-1v-1.9a13 13 0 0 0-7.6 0v1.9a1 1 0 0 1-.8 1l-3.2.7a1 1 0 0 1-1.2-1Z" />
    </Icon>
  );
}

/** Two circles, one over the other. */
export function ColourIcon() {
  return (
    <Icon>
      <circle cx="9" cy="12" r="5.5" />
      <circle cx="15" cy="12" r="5.5" />
    </Icon>
  );
}

/** Six dots: something to be taken hold of. */
export function GripIcon() {
  return (
    <Icon>
      <path d="M9 6v.1M15 6v.1M9 12v.1M15 12v.1M9 18v.1M15 18v.1" />
    </Icon>
  );
}
