import type { ButtonHTMLAttributes } from "react";

type Look = "primary" | "secondary" | "warning";
const LOOKS = {
  primary: "",
  secondary: " govuk-button--secondary",
  warning: " govuk-button--warning",
} as const;

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  small?: boolean;
  /** The work it started is under way: it stays where it is and cannot be pressed twice. */
  busy?: boolean;
};

/** The design system's button. */
export function Button({
  look = "primary",
  small = false,
  busy = false,
  className = "",
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`govuk-button${LOOKS[look]}${small ? " cs-button--small" : ""} ${className}`.trim()}
      disabled={busy || rest.disabled === true}
      aria-busy={busy}
    />
  );
}
