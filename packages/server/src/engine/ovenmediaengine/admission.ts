/** A question of OvenMediaEngine's AdmissionWebhooks as it came: signed over the raw body. */
export type OmeQuestion = { readonly body: Uint8Array; readonly signature: string };

/** What it is answered: `new_url` renames the stream, `lifetime` (ms) ends the session. */
export type OmeAnswer = {
  readonly allowed?: boolean;
  readonly new_url?: string;
  readonly lifetime?: number;
  readonly reason?: string;
};

/** Answers within 50 ms, from memory: OvenMediaEngine asks on the thread of the socket. */
export type OmeAdmission = {
  /** Null: the signature is wrong, or the question is older than five minutes or was asked before. */
  answer(question: OmeQuestion): OmeAnswer | null;
};
