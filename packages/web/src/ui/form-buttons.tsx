import type { ReactNode } from "react";
import { Button } from "./button.js";

/** The end of a form that can be left: the button that sends it, and Cancel. `children` stand between them. */
export function FormButtons({
  yes,
  look = "primary",
  busy,
  onCancel,
  children,
}: {
  yes: string;
  look?: "primary" | "warning";
  busy: boolean;
  onCancel: () => void;
  children?: ReactNode;
}) {
  return (
    <div className="govuk-button-group">
      <Button type="submit" look={look} busy={busy}>
        {yes}
      </Button>
      {children}
      <Button look="secondary" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
