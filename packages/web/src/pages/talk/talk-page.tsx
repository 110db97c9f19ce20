/** `/talk`: a phone as somebody's talk button. Not built yet. */
export function TalkPage() {
  return null;
}
