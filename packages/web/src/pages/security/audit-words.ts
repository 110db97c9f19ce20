/** What each action of the audit log means, as a person would say it. */
const WORDS: Readonly<Record<string, string>> = {
  "owner.set-up": "The owner set up ColourStream",
  "owner.recovered": "The owner came back by a recovery link",
};

/** An action in plain words; one that has no words yet as it stands in the log. */
export function actionWords(action: string): string {
  return WORDS[action] ?? action;
}
