import type { ChatMessage } from "@colourstream/contract";
import { type TextPart, textParts } from "./text-parts.js";

/** A message's text as it was written: web addresses lead where they say, in a tab that knows nothing of this one. */
export function MessageText({
  text,
  mentions,
  me,
}: Pick<ChatMessage, "text" | "mentions"> & { me: string | null }) {
  return (
    <p className="cs-chat__text" dir="auto">
      {textParts(text, mentions).map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: where it stands is all that a piece of a text is called
        <Part key={at} part={part} me={me} />
      ))}
    </p>
  );
}

function Part({ part, me }: { part: TextPart; me: string | null }) {
  switch (part.is) {
    case "text":
      return part.text;
    case "link":
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      );
    case "mention":
      return (
        <strong className="cs-chat__mention" data-me={part.personId === me}>
          {part.text}
        </strong>
      );
  }
}
