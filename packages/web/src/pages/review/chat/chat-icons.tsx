import { Icon } from "../icons.js";

/** Three dots: more that can be done. */
export function MoreIcon() {
  return (
    <Icon>
      <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" strokeWidth="2.75" />
    </Icon>
  );
}

/** An arrow down, to the newest. */
export function DownIcon() {
  return (
    <Icon>
      <path d="M12 5v14m-6-6 6 6 6-6" />
    </Icon>
  );
}

/** A paper plane. */
export function SendIcon() {
  return (
    <Icon>
      <path d="M4 12 20 4.5 15.5 20l-4-6.5Zm7.5 1.5L20 4.5" />
    </Icon>
  );
}
