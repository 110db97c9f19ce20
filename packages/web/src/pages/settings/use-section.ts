import type { Settings, SettingsChange } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiProblem } from "../../api/call.js";
import { provedApi } from "../../api/proved.js";
import { sentence, settingsQuery } from "../../api/queries.js";
import type { FormError } from "../../ui/error-summary.js";
import {
  changedNames,
  type Draft,
  type Drafted,
  formValue,
  readDraft,
  SETTINGS,
  type SettingName,
} from "./draft.js";

/** What is asked before a change that others notice, or that cannot be taken back. */
export type Question = {
  readonly title: string;
  readonly yes: string;
  readonly danger: boolean;
  readonly body: ReactNode;
};

/** A part of the settings that is saved by itself: what is typed, what is wrong with it, and the way to save it. */
export function useSection(settings: Settings, questionFor: (change: SettingsChange) => Question | null) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>({});
  const [errors, setErrors] = useState<readonly FormError[]>([]);
  const [question, setQuestion] = useState<Question | null>(null);
  const [outcome, setOutcome] = useState<"saved" | "unchanged" | null>(null);
  const changed = changedNames(settings, draft);

  const save = useMutation({
    mutationFn: () => provedApi("changeSettings", { body: readDraft(settings, draft).change }),
    onSuccess: (fresh) => {
      client.setQueryData(settingsQuery.queryKey, fresh);
      setDraft({});
      setOutcome("saved");
    },
    onError: (error) => setErrors([refusalOf(error)]),
  });
  // Once it is settled and not while it settles: the button that gets the focus back is not busy then.
  const send = () => save.mutate(undefined, { onSettled: () => setQuestion(null) });

  return {
    errors,
    changed,
    outcome,
    question,
    isSaving: save.isPending,
    valueOf: (name: SettingName): Drafted => draft[name] ?? formValue(settings, name),
    errorOf: (name: SettingName) => errors.find(({ field }) => field === name)?.message,
    variableOf: (name: SettingName) => settings.fixed.find(({ setting }) => setting === name)?.variable,
    set(name: SettingName, value: Drafted) {
      setDraft({ ...draft, [name]: value });
      setOutcome(null);
      setQuestion(null); // it was asked about another change
    },
    /** Saves what may be saved; asks first where there is something to ask. */
    submit() {
      const read = readDraft(settings, draft);
      setErrors(read.errors);
      if (read.errors.length > 0) return;
      if (changed.length === 0) {
        setOutcome("unchanged");
        return;
      }
      const toAsk = questionFor(read.change);
      if (toAsk === null) send();
      else setQuestion(toAsk);
    },
    confirm: send,
    cancel: () => setQuestion(null),
    undo() {
      setDraft({});
      setErrors([]);
      setOutcome(null);
    },
  };
}

/** A section in the hands of its fields. */
export type Section = ReturnType<typeof useSection>;

/** What the server would not take, at the field of the setting that its sentence begins with. */
function refusalOf(error: Error): FormError {
  const message = sentence(error);
  const [, name, why] = /^(\w+): (.*)$/s.exec(message) ?? [];
  if (!(error instanceof ApiProblem) || name === undefined || !isSettingName(name)) return { message };
  return { message: `${SETTINGS[name].label}: ${why}`, field: name };
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
