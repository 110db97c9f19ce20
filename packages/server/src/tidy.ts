import type { Product } from "./http/context.js";
import type { Actor } from "./journal.js";
import type { Store } from "./store/store.js";

const DAY_MS = 24 * 3_600_000;
/** What the settings do by themselves has neither an actor nor an address. */
const BY_ITSELF: Actor = { actorId: null, address: null };

type TidyProduct = Pick<
  Product,
  "settings" | "blocks" | "serviceKeys" | "directory" | "rooms" | "recordings" | "journal" | "wallClock"
>;

/** Makes the hourly round: what is over goes, and what the settings keep for so many days goes after them. */
export function createTidy(
  product: TidyProduct,
  store: Pick<Store, "sessions" | "challenges" | "users" | "audit" | "takes">,
): () => Promise<void> {
  const { settings, blocks, serviceKeys, directory, rooms, recordings, journal, wallClock } = product;

  const removeArchived = async (days: number): Promise<void> => {
    const before = wallClock() - days * DAY_MS;
    const old = directory
      .all()
      .filter(({ archivedAt }) => archivedAt !== null && archivedAt.getTime() < before);
    for (const { id, name } of old) {
      await journal.note("room.deleted", BY_ITSELF, {
        roomId: id,
        detail: `${name}: archived for more than ${days} days`,
      });
      await rooms.remove(id);
    }
  };

  return async () => {
    const now = wallClock();
    const { auditDays, takesDays, archivedRoomsDays } = settings.now();
    await store.sessions.removeOver(new Date(now));
    await store.challenges.removeOver(new Date(now));
    await store.users.removeCodesOver(new Date(now));
    await blocks.removeOver();
    await store.audit.removeBefore(new Date(now - auditDays * DAY_MS));
    if (takesDays !== null) await store.takes.removeEndedBefore(new Date(now - takesDays * DAY_MS));
    if (archivedRoomsDays !== null) await removeArchived(archivedRoomsDays);
    await recordings.tidy();
    if (await serviceKeys.rotateWhenDue()) await journal.note("service-key.rotated", BY_ITSELF);
  };
}
