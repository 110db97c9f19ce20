import type { WebAuthnJson } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keepSession } from "../../api/account-queries.js";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { canAutofill, offerPasskeys } from "../../passkeys/autofill.js";
import { showPasskey } from "../../passkeys/ceremony.js";
import { PasskeyProblem } from "../../passkeys/problem.js";

const begin = () => api("beginSignIn", {});

/** Passkeys from the list that the server may refuse before only the button is left: a browser could choose by itself. */
const MOST_REFUSALS = 3;

/** Signing in by passkey: from the list under a field where the browser has one, or in a dialog. */
export function usePasskeySignIn() {
  const client = useQueryClient();
  const [hasList, setHasList] = useState(false);
  const [refusals, setRefusals] = useState(0);
  const [said, setSaid] = useState<string | null>(null);
  const finish = useMutation({
    mutationFn: (credential: WebAuthnJson) => api("signIn", { body: { credential } }),
    onSuccess: (session) => keepSession(client, session),
    onError: (error) => {
      setSaid(words(error));
      setRefusals((before) => before + 1);
    },
  });
  const { mutate } = finish;
  const dialog = useMutation({
    mutationFn: async () => showPasskey(await begin()),
    onMutate: () => setSaid(null),
    onSuccess: (credential) => mutate(credential),
    onError: (error) => setSaid(words(error)),
  });

  // The list is offered whenever nothing else is under way: a browser asks for one passkey at a time.
  const isBusy = dialog.isPending || finish.isPending || finish.isSuccess;
  const mayList = !isBusy && refusals < MOST_REFUSALS;
  useEffect(() => {
    if (!mayList) return;
    const page = new AbortController();
    void (async () => {
      if (!(await canAutofill())) return;
      setHasList(true);
      const credential = await offerPasskeys(begin, page.signal);
      if (credential !== null) mutate(credential);
    })().catch(() => setHasList(false)); // the button is still there, and says what is wrong
    return () => page.abort();
  }, [mayList, mutate]);

  return { hasList: hasList && refusals < MOST_REFUSALS, said, isBusy, signIn: () => dialog.mutate() };
}

function words(error: unknown): string {
  if (error instanceof PasskeyProblem && error.code === "stopped") {
    return "No passkey was used. Try again when you are ready.";
  }
  return sentence(error);
}
