import {
  API_PREFIX,
  type BodyOf,
  type ErrorBody,
  type ErrorCode,
  type ParamsOf,
  type QueryOf,
  type ResponseOf,
  type Route,
  type RouteName,
  routes,
} from "@colourstream/contract";

/** Why a call did not succeed: the server's own code, or what happened on the way to it. */
export type ProblemCode = ErrorCode | "offline" | "unexpected";

/** A refusal of the API, or its absence, as a person may read it. Decide by `code`. */
export class ApiProblem extends Error {
  override name = "ApiProblem";
  readonly code: ProblemCode;
  readonly status: number;
  readonly requestId: string | null;

  constructor(code: ProblemCode, message: string, status: number, requestId: string | null) {
    super(message);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

type Given<K extends string, T> = [T] extends [undefined] ? unknown : { readonly [key in K]: T };
type Routes = typeof routes;

/** What a route takes: exactly the parts that the contract names, and a way to give up. */
export type CallOptions<N extends RouteName> = Given<"params", ParamsOf<Routes[N]>> &
  Given<"body", BodyOf<Routes[N]>> &
  (QueryOf<Routes[N]> extends undefined ? unknown : { readonly query?: QueryOf<Routes[N]> }) & {
    readonly signal?: AbortSignal;
  };

const ANSWER_WITHIN_MS = 15_000;

/** Calls a route of the contract. Throws `ApiProblem`, or the abort's reason when `signal` aborts. */
export async function api<N extends RouteName>(
  name: N,
  options: CallOptions<N>,
): Promise<ResponseOf<Routes[N]>> {
  const route: Route = routes[name];
  const { params, query, body, signal } = options as LooseOptions;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MS);
  const giveUp = () => late.abort();
  signal?.addEventListener("abort", giveUp);
  try {
    const response = await fetch(addressOf(route, params, query), {
      method: route.method,
      credentials: "same-origin",
      signal: late.signal,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (response.status === 204) return undefined as ResponseOf<Routes[N]>;
    const answer: unknown = await response.json();
    if (!response.ok) throw problemFrom(answer, response.status);
    return answer as ResponseOf<Routes[N]>;
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    if (signal?.aborted) throw signal.reason;
    if (error instanceof SyntaxError) {
      throw new ApiProblem("unexpected", "ColourStream’s answer was not understood.", 0, null);
    }
    throw new ApiProblem("offline", "ColourStream cannot be reached. Check the connection.", 0, null);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

type LooseOptions = {
  params?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  signal?: AbortSignal;
};

/** The address of a route with its parameters filled in. */
export function addressOf(
  route: Route,
  params: Record<string, string> = {},
  query: Record<string, string | number | boolean | undefined> = {},
): string {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${route.path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `${API_PREFIX}${path}${search.size > 0 ? `?${search}` : ""}`;
}

function problemFrom(answer: unknown, status: number): ApiProblem {
  if (isErrorBody(answer)) {
    return new ApiProblem(answer.error as ErrorCode, answer.message, status, answer.requestId);
  }
  return new ApiProblem("unexpected", `ColourStream answered ${status}.`, status, null);
}

const PARTS: readonly (keyof ErrorBody)[] = ["error", "message", "requestId"];

function isErrorBody(answer: unknown): answer is ErrorBody {
  if (typeof answer !== "object" || answer === null) return false;
  return PARTS.every((name) => typeof (answer as Record<string, unknown>)[name] === "string");
}
