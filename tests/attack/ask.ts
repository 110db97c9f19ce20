import { API_PREFIX } from "@colourstream/contract";
import type { Product } from "../tools/product.js";

/** The whole size of reliability.md; without it each attack runs in the size that `npm test` has time for. */
export const IS_FULL = process.env["ATTACK_FULL"] === "1";

/** A request as an attacker words it. */
export type Asked = {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly cookie?: string;
  readonly token?: string;
  /** The address it seems to come from; the product believes its proxy (TRUST_PROXY=1). */
  readonly from?: string;
  /** The product's own where left out; null: none. */
  readonly origin?: string | null;
};

/** What came back. */
export type Answered = { readonly status: number; readonly text: string; readonly headers: Headers };

/** The product believes what its proxy, here the attacker, says of addresses. */
export const BEHIND_PROXY = { TRUST_PROXY: "1" } as const;

/** Asks once, without any memory of cookies. */
export async function ask(product: Pick<Product, "url">, asked: Asked): Promise<Answered> {
  const { method = "GET", path, body, cookie, token, from, origin = product.url } = asked;
  const response = await fetch(product.url + (path.startsWith("/api/") ? "" : API_PREFIX) + path, {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(15_000),
    headers: {
      ...(origin !== null && { origin }),
      ...(cookie !== undefined && { cookie }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(from !== undefined && { "x-forwarded-for": from }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The number-th of many addresses, none of them this machine's. */
export function addressOf(number: number): string {
  return `198.18.${(number >> 8) & 255}.${number & 255}`;
}

/** Does something for every number below `count`, a few at a time, and gives what came of it. */
export async function inTurns<T>(
  count: number,
  atOnce: number,
  act: (number: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const number = next++;
      results[number] = await act(number);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return results;
}

/** How often each status was answered. */
export function tally(answers: readonly { readonly status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
