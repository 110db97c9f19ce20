/**
 * Ends this process when the one that started it has gone, also by kill -9: the next one begins the same work anew, and
 * two at once would be in each other's way. Started without a channel, from a terminal, it runs to its end.
 */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(1));
  process.channel?.unref(); // it is not to keep us alive when the work is done
}
