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
    if (compiled.Check(value)) return { value };
    if (httpPart === "params") return { error: new ApiError("not_found") };
    const [first] = compiled.Errors(value);
    const where = first === undefined || first.instancePath === "" ? httpPart : first.instancePath.slice(1);
    return { error: new ApiError("invalid_request", { message: `${where}: ${first?.message ?? "is wrong"}` }) };
  };
}
