import { randomBytes } from "node:crypto";
import { makeId } from "./domain/room.js";
import type { AuditEntry, AuditStore } from "./store/journal.js";

/** What is written down of who did what. */
export type AuditAction =
  | "owner.set-up"
  | "owner.recovered"
  | "set-up.refused"
  | "recovery.link-made"
  | "password.refused"
  | "sign-in.refused"
  | "session.started"
  | "session.proved"
  | "session.ended"
  | "step-up.refused"
  | "passkey.added"
  | "passkey.refused"
  | "passkey.renamed"
  | "passkey.removed"
  | "user.invited"
  | "user.link-made"
  | "user.link-used"
  | "user.changed"
  | "user.disabled"
  | "user.enabled"
  | "user.deleted"
  | "owner.handed-over"
  | "room.created"
  | "room.changed"
  | "room.deleted"
  | "room.joined"
  | "room.join-refused"
  | "room.left"
  | "room.locked"
  | "room.unlocked"
  | "room.expired"
  | "meeting.ended"
  | "chat.message-deleted"
  | "chat.cleared"
  | "participant.admitted"
  | "participant.turned-away"
  | "participant.removed"
  | "participant.role-changed"
  | "participant.banned"
  | "participant.ban-lifted"
  | "call.muted"
  | "call.muted-all"
  | "talk-link.made"
  | "talk-link.refused"
  | "invitation.created"
  | "invitation.revoked"
  | "invitation.refused"
  | "key.revealed"
  | "key.rotated"
  | "publish.refused"
  | "share.started"
  | "encoder.switched"
  | "recording.started"
  | "recording.stopped"
  | "recording.renamed"
  | "recording.deleted"
  | "settings.changed"
  | "block.added"
  | "block.removed"
  | "token.created"
  | "token.revoked"
  | "audit.exported"
  | "service-key.rotated"
  | "backup.made"
  | "backup.failed"
  | "backup.restored"
  | "test-signal.started"
  | "test-signal.stopped";

/** Who did it, from where: null for a stranger or the machine's operator. */
export type Actor = { readonly actorId: string | null; readonly address: string | null };

/** The machine's own operator, at the command line. */
export const OPERATOR: Actor = { actorId: null, address: "operator" };

/** Writes the audit log. Awaited before the answer: what is not in the log has not happened. */
export type Journal = {
  note(action: AuditAction, actor: Actor, about?: { roomId?: string; detail?: string }): Promise<void>;
};

export function createJournal(store: AuditStore, wallClock: () => number): Journal {
  return {
    note: (action, actor, about = {}) => {
      const entry: AuditEntry = {
        id: makeId(randomBytes),
        at: new Date(wallClock()),
        action,
        actorId: actor.actorId,
        address: actor.address,
        roomId: about.roomId ?? null,
        ...(about.detail !== undefined && { detail: about.detail }),
      };
      return store.add(entry);
    },
  };
}
