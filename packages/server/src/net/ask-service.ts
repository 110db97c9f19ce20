/** A question for a service of the operator's own. */
export type ServiceQuestion = {
  /** GET where nothing is said. */
  readonly method?: "GET" | "POST" | "DELETE";
  /** What is sent, as JSON. */
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** The answer's end is waited for so long. */
  readonly answerMs: number;
  readonly maxBytes: number;
};

/** What came back, whatever its status. */
export type ServiceAnswer = { readonly status: number; readonly text: string };

/**
 * Asks a service whose address the environment names: it is the operator's word, and nobody else's reaches here.
 * A redirect is no answer: what `headers` prove goes nowhere else. Throws where nothing comes in time, or too much.
 */
export async function askService(
  address: string,
  { method = "GET", headers, body, answerMs, maxBytes }: ServiceQuestion,
): Promise<ServiceAnswer> {
  const answer = await fetch(address, {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: "error",
    signal: AbortSignal.timeout(answerMs),
  });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`${address} answers more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return { status: answer.status, text: Buffer.concat(parts).toString("utf8") };
}
