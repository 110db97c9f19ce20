import { type Static, Type } from "typebox";

/** Every refusal the API can give: a stable code, its HTTP status and the sentence a person reads by default. */
export const ERRORS = {
  invalid_request: [400, "The request is not in the form this address expects."],
  set_up_code_wrong: [
    401,
    "This set-up link has been used or has run out. Start ColourStream again for a new one.",
  ],
  sign_in_needed: [401, "Sign in first."],
  sign_in_refused: [401, "That password is not right, or it no longer opens anything here."],
  passkey_refused: [401, "That passkey was not accepted. Try again, or use another one."],
  invitation_wrong: [
    401,
    "This invitation does not work: it was used up, taken back or has run out. Ask for a new one.",
  ],
  talk_link_wrong: [401, "This talk button does not work any more. Make a new one in the room."],
  room_password_wrong: [401, "That password does not open this room."],
  not_allowed: [403, "You may not do that here."],
  enrol_needed: [403, "Add your first passkey to go on."],
  step_up_required: [403, "Confirm with your passkey first."],
  address_blocked: [403, "Requests from this address are not answered at present."],
  origin_wrong: [403, "This request did not come from ColourStream's own pages."],
  host_unknown: [403, "This address is not one of ColourStream's own. Set PUBLIC_URL to it."],
  not_found: [404, "There is nothing here, or it is not yours to see."],
  already_live: [409, "An encoder is live in this room. Stop it first."],
  call_elsewhere: [
    409,
    "This room's call is MiroTalk's: microphones are opened and closed in its own window, and cannot be from here.",
  ],
  not_live: [409, "Nothing is live in this room. Start the encoder first."],
  already_recording: [409, "This room is being recorded already."],
  disk_full: [507, "The disk is too full to record. Delete recordings, or make room on the machine."],
  room_archived: [409, "This room is archived. Restore it first."],
  room_locked: [409, "The room is locked: nobody new can come in. Ask the colourist to open it."],
  sent_out: [403, "You were sent out of this room. Ask the colourist to let you come back."],
  room_full: [409, "Too many people are waiting for this room. Try again later."],
  last_passkey: [409, "This is the last passkey. Add another one before you remove it."],
  passkeys_not_here: [409, "Passkeys work at an https address, or at localhost on the machine itself."],
  not_yourself: [409, "You cannot do that to yourself."],
  setting_refused: [409, "This setting cannot be changed like that."],
  name_taken: [409, "There is a room with this name already."],
  too_large: [413, "That is larger than we accept."],
  too_many_attempts: [429, "Too many attempts. Wait a little, then try again."],
  database_away: [503, "The database does not answer. Try again in a few seconds."],
  engine_away: [503, "The media engine is restarting. Try again in a few seconds."],
  engine_cannot: [409, "This media engine cannot do that."],
  internal: [500, "Something went wrong on our side. The log has the details under this request's id."],
} as const satisfies Record<string, readonly [number, string]>;

/** A stable name for a refusal; clients decide by it, never by the message. */
export type ErrorCode = keyof typeof ERRORS;

/** The body of every answer that is not a success. */
export const ErrorBody = Type.Object({
  error: Type.String({ description: "A stable code from the list of errors." }),
  message: Type.String({ description: "A sentence for a person; it names what was wrong." }),
  requestId: Type.String({ description: "Finds this request in the server's log." }),
});
export type ErrorBody = Static<typeof ErrorBody>;
