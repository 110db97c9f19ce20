/** What each action of the audit log means, as a person would say it; the one who did it stands beside it. */
const WORDS: Readonly<Record<string, string>> = {
  "owner.set-up": "Became the owner",
  "owner.recovered": "Came back by a recovery link",
  "set-up.refused": "Tried a set-up link that does not work",
  "recovery.link-made": "Made a recovery link on the machine",
  "session.started": "Signed in",
  "session.ended": "Signed out",
  "room.created": "Made the room",
  "room.changed": "Changed the room",
  "room.deleted": "Deleted the room",
  "room.expired": "The room’s time ran out",
  "room.joined": "Joined the room",
  "room.join-refused": "Typed a wrong room password",
  "room.left": "Left the room",
  "room.locked": "Locked the room",
  "room.unlocked": "Opened the locked room",
  "meeting.ended": "Ended the session for everybody",
  "participant.admitted": "Let somebody in",
  "participant.turned-away": "Turned somebody away",
  "participant.removed": "Sent somebody out",
  "invitation.created": "Made an invitation",
  "invitation.revoked": "Took an invitation back",
  "invitation.refused": "Tried an invitation that does not work",
  "key.revealed": "Looked at the stream key",
  "key.rotated": "Made a new stream key",
  "test-signal.started": "Started the test signal",
  "test-signal.stopped": "Stopped the test signal",
  "settings.changed": "Changed settings",
  "block.added": "Blocked an address",
  "block.removed": "Let a blocked address in again",
  "token.created": "Made an API token",
  "token.revoked": "Revoked an API token",
  "audit.exported": "Downloaded the audit log",
  "service-key.rotated": "Changed the keys between the services",
};

/** An action in plain words; one that has no words yet as it stands in the log. */
export function actionWords(action: string): string {
  return WORDS[action] ?? action;
}

/** The groups that the log can be filtered by: an action's part before its dot. */
export const ACTION_GROUPS = [
  { value: "", label: "Everything" },
  { value: "room", label: "Rooms" },
  { value: "meeting", label: "Sessions in rooms" },
  { value: "participant", label: "People let in and sent out" },
  { value: "invitation", label: "Invitations" },
  { value: "key", label: "Stream keys" },
  { value: "session", label: "Signing in and out" },
  { value: "owner", label: "The owner’s account" },
  { value: "settings", label: "Settings" },
  { value: "block", label: "Blocked addresses" },
  { value: "token", label: "API tokens" },
  { value: "test-signal", label: "Test signals" },
] as const;
