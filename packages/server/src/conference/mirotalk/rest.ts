import { askService } from "../../net/ask-service.js";
import { type Meetings, parseMeetings } from "./meetings.js";
import type { MiroTalkConfig } from "./mirotalk-config.js";

/** What we ask of MiroTalk. It has no way to send anybody out, to mute or to end a meeting. */
export type MiroTalkRest = {
  /** Who is in which meeting now. Throws when there is no answer within 2 s, or another than expected. */
  meetings(): Promise<Meetings>;
};

const ANSWER_MS = 2_000;
const MAX_BODY_BYTES = 1024 * 1024; // 300 bytes for each who is in a meeting

/** Asks MiroTalk's REST API. The secret goes bare into `authorization`: MiroTalk knows no "Bearer". */
export function createMiroTalkRest({
  apiUrl,
  apiKey,
}: Pick<MiroTalkConfig, "apiUrl" | "apiKey">): MiroTalkRest {
  const address = `${apiUrl}/api/v1/meetings`;
  const question = { headers: { authorization: apiKey }, answerMs: ANSWER_MS, maxBytes: MAX_BODY_BYTES };
  return {
    meetings: async () => {
      const { status, text } = await askService(address, question);
      if (status === 403)
        throw new Error(
          `${address} answers 403, ${text.slice(0, 120)}: MIROTALK_API_KEY must be MiroTalk's API_KEY_SECRET, and its API_DISABLED must not name meetings`,
        );
      if (status !== 200) throw new Error(`${address} answers ${status}, not 200`);
      return parseMeetings(text);
    },
  };
}
