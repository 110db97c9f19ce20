import { useState } from "react";
import type { FormError } from "./error-summary.js";

/** A form's errors: all of them for `ErrorSummary`, and each at its field. */
export type FormErrors = {
  readonly all: readonly FormError[];
  /** What is wrong with a field, by its id. */
  at(field: string): string | undefined;
  /** Shows what must be put right before anything is sent; true when there is nothing. */
  passes(...problems: readonly (FormError | false)[]): boolean;
  /** Shows what the server said, at its field where it has one. */
  show(error: FormError): void;
};

/** Keeps what is wrong with a form until it is sent again. */
export function useFormErrors(): FormErrors {
  const [all, setAll] = useState<readonly FormError[]>([]);
  return {
    all,
    at: (field) => all.find((error) => error.field === field)?.message,
    passes: (...problems) => {
      const found = problems.filter((problem) => problem !== false);
      setAll(found);
      return found.length === 0;
    },
    show: (error) => setAll([error]),
  };
}
