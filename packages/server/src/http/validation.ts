import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Convert } from "typebox/value";
import { ApiError } from "./errors.js";

type Part = { schema: unknown; httpPart?: string | undefined };
type Checked = { value: unknown } | { error: Error };

/**
 * Checks a request's part against the contract's schema. A body is taken as it is: a number in quotes is not a number.
 * A query is all text, so there "true" is true. An id of the wrong form is an id that does not exist.
 */
export function compileValidator({ schema, httpPart }: Part): (value: unknown) => Checked {
  const compiled = Compile(schema as TSchema);
  return (given) => {
    const value = httpPart === "querystring" ? Convert(schema as TSchema, given) : given;
    if (compiled.Check(value)) {
      const wrong = fieldWithControls(value);
      if (wrong === null) return { value };
      if (httpPart === "params") return { error: new ApiError("not_found") };
      return {
        error: new ApiError("invalid_request", { message: `${wrong}: holds characters that are not text` }),
      };
    }
    if (httpPart === "params") return { error: new ApiError("not_found") };
    const [first] = compiled.Errors(value);
    const where = first === undefined || first.instancePath === "" ? httpPart : first.instancePath.slice(1);
    return {
      error: new ApiError("invalid_request", { message: `${where}: ${first?.message ?? "is wrong"}` }),
    };
  };
}

/** PostgreSQL takes no NUL and no half of a surrogate pair, and nobody types the other control characters. */
export function fieldWithControls(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const found = Object.entries(value).find(
    ([, text]) => typeof text === "string" && /[\p{Cc}\p{Cs}]/u.test(text),
  );
  return found?.[0] ?? null;
}
