import type { ResponseOf, RouteName, routes } from "@colourstream/contract";
import { showPasskey } from "../passkeys/ceremony.js";
import { ApiProblem, api, type CallOptions } from "./call.js";
import { sessionQuery } from "./queries.js";
import { queryClient } from "./query-client.js";

/**
 * Calls a route that needs a fresh proof of who is there: when the server asks for one, the person shows a passkey
 * and the call is made once more. Throws `ApiProblem`, or `PasskeyProblem` when they stop there; `sentence` has words
 * for both.
 */
export async function provedApi<N extends RouteName>(
  name: N,
  options: CallOptions<N>,
): Promise<ResponseOf<(typeof routes)[N]>> {
  return withProof(() => api(name, options), askForProof);
}

/** Tries; where a proof is missing, waits for it and tries once more. */
export async function withProof<T>(call: () => Promise<T>, prove: () => Promise<void>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== "step_up_required") throw error;
  }
  await prove();
  return call();
}

/** Two calls that need a proof at once ask the person once. */
export function onceAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  };
}

const askForProof = onceAtATime(async () => {
  const options = await api("beginStepUp", {});
  const credential = await showPasskey(options);
  queryClient.setQueryData(sessionQuery.queryKey, await api("stepUp", { body: { credential } }));
});
