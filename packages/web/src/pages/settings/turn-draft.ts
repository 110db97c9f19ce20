import type { Settings, SettingsChange } from "@colourstream/contract";
import type { FormError } from "../../ui/error-summary.js";

/** What the form holds. The secret is what was typed now; the one that is kept is never shown. */
export type TurnDraft = {
  readonly urls: string;
  readonly auth: Settings["turnAuth"];
  readonly username: string;
  readonly secret: string;
};

const MOST_URLS = 8;

/** What the form shows before it is touched. */
export function turnDraftOf({ iceUrls, turnAuth, turnUsername }: Settings): TurnDraft {
  return { urls: iceUrls.join("\n"), auth: turnAuth, username: turnUsername, secret: "" };
}

/** The change to send, or what must be put right first; each problem at its field. */
export function readTurn(
  settings: Settings,
  { urls, auth, username, secret }: TurnDraft,
): { readonly change: SettingsChange; readonly problems: readonly FormError[] } {
  const problems: FormError[] = [];
  const iceUrls = urls
    .split(/\s+/)
    .map((url) => url.trim())
    .filter((url) => url !== "");
  const wrong = iceUrls.find((url) => !/^(stuns?|turns?):[^/]/.test(url));
  const isTurn = iceUrls.some((url) => /^turns?:/.test(url));
  if (wrong !== undefined)
    problems.push({
      message: `“${wrong}” must begin with stun:, stuns:, turn: or turns:, and a server’s name`,
      field: "iceUrls",
    });
  if (iceUrls.length > MOST_URLS)
    problems.push({ message: `Enter at most ${MOST_URLS} servers`, field: "iceUrls" });
  if (isTurn && auth === "none")
    problems.push({
      message: "Choose how viewers sign in: a TURN server lets nobody in otherwise",
      field: "turnAuth",
    });
  if (auth === "password" && username.trim() === "")
    problems.push({ message: "Enter the user name of the TURN server", field: "turnUsername" });
  // A password is no shared secret: the one that is kept counts only for the way it was entered for.
  const isKept = settings.hasTurnSecret && auth === settings.turnAuth;
  if (auth !== "none" && secret === "" && !isKept)
    problems.push({
      message: `Enter the ${auth === "password" ? "password" : "shared secret"} of the TURN server`,
      field: "turnSecret",
    });

  const name = auth === "password" ? username.trim() : "";
  return {
    change: {
      ...(iceUrls.join("\n") !== settings.iceUrls.join("\n") && { iceUrls }),
      ...(auth !== settings.turnAuth && { turnAuth: auth }),
      ...(name !== settings.turnUsername && { turnUsername: name }),
      ...(auth !== "none" && secret !== "" && { turnSecret: secret }),
      ...(auth === "none" && settings.hasTurnSecret && { turnSecret: null }),
    },
    problems,
  };
}
