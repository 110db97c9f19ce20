import { SETTINGS, type SettingName } from "../settings/draft.js";

/** What each action of the audit log means, as a person would say it; the one who did it stands beside it. */
const WORDS: Readonly<Record<string, string>> = {
  "owner.set-up": "Became the owner",
  "owner.recovered": "Came back by a recovery link",
  "owner.handed-over": "Handed over ownership",
  "recovery.link-made": "Made a recovery link on the machine",
  "set-up.refused": "Tried a one-time link that does not work",
  "password.refused": "Typed a wrong sign-in password",
  "sign-in.refused": "Tried to sign in with a passkey that was not accepted",
  "session.started": "Signed in",
  "session.proved": "Confirmed with their passkey",
  "session.ended": "Signed out",
  "step-up.refused": "Could not confirm with their passkey",
  "passkey.added": "Added a passkey",
  "passkey.refused": "Tried to add a passkey that was not accepted",
  "passkey.renamed": "Renamed a passkey",
  "passkey.removed": "Removed a passkey",
  "user.invited": "Invited a colourist",
  "user.link-made": "Made a new link for a colourist",
  "user.link-used": "Used the link to their account",
  "user.changed": "Changed an account’s name",
  "user.disabled": "Disabled an account",
  "user.enabled": "Enabled an account",
  "user.deleted": "Deleted an account",
  "room.created": "Made the room",
  "room.changed": "Changed the room",
  "room.deleted": "Deleted the room",
  "room.expired": "The room’s time ran out",
  "room.joined": "Joined the room",
  "room.join-refused": "Was not let into the room",
  "room.left": "Left the room",
  "room.locked": "Locked the room",
  "room.unlocked": "Opened the locked room",
  "meeting.ended": "Ended the session for everybody",
  "chat.message-deleted": "Deleted somebody’s chat message",
  "chat.cleared": "Cleared the room’s chat",
  "participant.admitted": "Let somebody in",
  "participant.turned-away": "Turned somebody away",
  "participant.removed": "Sent somebody out",
  "participant.role-changed": "Gave somebody another role",
  "participant.banned": "Sent somebody out for good",
  "participant.ban-lifted": "Let somebody come back who was sent out for good",
  "call.muted": "Closed somebody’s microphone",
  "call.muted-all": "Closed every microphone in the call",
  "talk-link.made": "Made a phone their talk button",
  "talk-link.refused": "Tried a talk link that does not work",
  "invitation.created": "Made an invitation",
  "invitation.revoked": "Took an invitation back",
  "invitation.refused": "Tried an invitation that does not work",
  "key.revealed": "Looked at the stream key",
  "key.rotated": "Made a new stream key",
  "publish.refused": "Tried to send a picture with a stream key that does not work",
  "test-signal.started": "Started the test signal",
  "test-signal.stopped": "Stopped the test signal",
  "share.started": "Shared a screen or camera from the browser",
  "encoder.switched": "Let another encoder take over",
  "recording.started": "Started a recording",
  "recording.stopped": "Stopped a recording",
  "recording.renamed": "Renamed a recording",
  "recording.deleted": "Deleted a recording",
  "settings.changed": "Changed settings",
  "block.added": "Blocked an address",
  "block.removed": "Let a blocked address in again",
  "token.created": "Made an API token",
  "token.revoked": "Revoked an API token",
  "audit.exported": "Downloaded the audit log",
  "service-key.rotated": "Changed the keys between the services",
  "backup.made": "Made a backup",
  "backup.failed": "The nightly backup failed",
  "backup.restored": "Put a backup back",
};

/** An action in plain words; one that has no words yet as it stands in the log. */
export function actionWords(action: string): string {
  return WORDS[action] ?? action;
}

/** What an event adds to its action: settings by the names that they have in the studio, all else as it was noted. */
export function detailWords(action: string, detail: string): string {
  if (action === "room.changed") return detail.replace(/\w+/g, (field) => ROOM_FIELDS[field] ?? field);
  if (action !== "settings.changed") return detail;
  return detail.replace(/(^|, )(\w+): (true|false|null)?/g, (whole, before, name: string, value?: string) => {
    const label = Object.hasOwn(SETTINGS, name) ? SETTINGS[name as SettingName].label : TURN_FIELDS[name];
    return label === undefined ? whole : `${before}${label}: ${VALUES[value ?? ""] ?? ""}`;
  });
}
const TURN_FIELDS: Readonly<Record<string, string>> = {
  iceUrls: "STUN and TURN servers",
  turnAuth: "How viewers sign in to the TURN server",
  turnUsername: "TURN user name",
  turnSecret: "TURN secret",
};
const ROOM_FIELDS: Readonly<Record<string, string>> = {
  archived: "archived or restored",
  expiresAt: "when it closes",
  waitingRoom: "waiting room",
  srtEncrypted: "whether SRT is encrypted",
  autoRecord: "whether every take is recorded",
};
const VALUES: Readonly<Record<string, string>> = { true: "on", false: "off", null: "none" };

/** The groups that the log can be filtered by: an action's part before its dot. */
export const ACTION_GROUPS = [
  { value: "", label: "Everything" },
  { value: "room", label: "Rooms" },
  { value: "meeting", label: "Ended sessions" },
  { value: "participant", label: "People let in and sent out" },
  { value: "invitation", label: "Invitations" },
  { value: "key", label: "Stream keys" },
  { value: "publish", label: "Refused encoders" },
  { value: "test-signal", label: "Test signals" },
  { value: "recording", label: "Recordings" },
  { value: "session", label: "Signing in and out" },
  { value: "sign-in", label: "Refused sign-ins" },
  { value: "passkey", label: "Passkeys" },
  { value: "user", label: "Accounts" },
  { value: "owner", label: "Ownership" },
  { value: "token", label: "API tokens" },
  { value: "block", label: "Blocked addresses" },
  { value: "settings", label: "Settings" },
] as const;
