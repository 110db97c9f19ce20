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
  return {
    meetings: async () => {
      const address = `${apiUrl}/api/v1/meetings`;
      const answer = await fetch(address, {
        headers: { authorization: apiKey },
        redirect: "error", // the secret goes nowhere else
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await readBounded(answer, address);
      if (answer.status === 403)
        throw new Error(
          `${address} answers 403, ${text.slice(0, 120)}: MIROTALK_API_KEY must be MiroTalk's API_KEY_SECRET, and its API_DISABLED must not name meetings`,
        );
      if (answer.status !== 200) throw new Error(`${address} answers ${answer.status}, not 200`);
      return parseMeetings(text);
    },
  };
}

async function readBounded(answer: Response, address: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`${address} answers more than ${MAX_BODY_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
