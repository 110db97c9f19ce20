import type { Account, Passkey, Session } from "@colourstream/contract";
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { makePasskey } from "../passkeys/ceremony.js";
import { api } from "./call.js";
import { provedApi } from "./proved.js";
import { sessionQuery } from "./queries.js";

/** One's own passkeys. */
export const passkeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: async ({ signal }) => (await api("listPasskeys", { signal })).passkeys,
});

/** One's own logins. */
export const loginsQuery = queryOptions({
  queryKey: ["logins"],
  queryFn: async ({ signal }) => (await api("listSessions", { query: {}, signal })).sessions,
});

/** Everybody with an account; the owner alone may ask. */
export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: async ({ signal }) => (await api("listUsers", { signal })).users,
});

/** What a one-time link is for. Asked once: every question counts against those who guess. */
export function codeQuery(code: string) {
  return queryOptions({
    queryKey: ["set-up-code", code],
    queryFn: ({ signal }) => api("checkCode", { body: { code }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Has the browser make a passkey and gives it to the server, which finds a name for it where this one is empty. */
export async function addPasskey(name: string): Promise<{ passkey: Passkey; session: Session }> {
  const credential = await makePasskey(await provedApi("beginPasskey", {}));
  const named = name === "" ? {} : { name };
  return provedApi("addPasskey", { body: { credential, ...named } });
}

/** A login has begun or changed: what was asked for another one is forgotten. */
export function keepSession(client: QueryClient, session: Session) {
  const before = client.getQueryData(sessionQuery.queryKey);
  if (before?.user?.id !== session.user?.id || before?.stage !== session.stage) {
    client.removeQueries({
      type: "inactive",
      predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0],
    });
  }
  client.setQueryData(sessionQuery.queryKey, session);
}

/** Shows an account as it now is. */
export function keepAccount(client: QueryClient, account: Account) {
  client.setQueryData(accountsQuery.queryKey, (accounts) => {
    if (accounts === undefined) return undefined;
    const isNew = accounts.every(({ id }) => id !== account.id);
    return isNew ? [...accounts, account] : accounts.map((old) => (old.id === account.id ? account : old));
  });
}
