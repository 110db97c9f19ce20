import type { callRoutes, Talk, TalkPress } from "@colourstream/contract";
import type { TalkOwner } from "../conference/talk-links.js";
import { isOpen } from "../domain/room.js";
import type { Actor } from "../journal.js";
import type { Member } from "../rooms/presence.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import { originOf } from "./host.js";
import type { HandlersOf } from "./implement.js";

const HELD_MS = 30_000; // of a button that says "down" once and "up" later

/** A button's press, and who pressed. */
type Pressed = {
  readonly roomId: string;
  readonly press: TalkPress;
  readonly forMs: number | undefined;
  readonly whose: (member: Member) => boolean;
  readonly by: "phone" | "button";
  /** Null: mute-all is not theirs to press. */
  readonly host: { readonly personId: string; readonly name: string } | null;
  readonly actor: Actor;
};

/** Muting by hosts, and talk buttons that are not on the page. */
export function callHandlers(product: Product): HandlersOf<typeof callRoutes> {
  const { conference, directory, guesses, journal, presence, talkLinks, wallClock } = product;

  /** MiroTalk has no way to close somebody's microphone from outside: what cannot be done is not said to be done. */
  const needOwnCall = (): void => {
    if (conference.kind !== "builtin") throw new ApiError("call_elsewhere");
  };

  const muteAll = async (roomId: string, host: NonNullable<Pressed["host"]>, actor: Actor) => {
    needOwnCall();
    conference.muteAll(roomId, host);
    await journal.note("call.muted-all", actor, { roomId });
  };

  const pressed = async ({ roomId, press, forMs = HELD_MS, whose, by, host, actor }: Pressed) => {
    if (press === "look") return conference.look(roomId, whose);
    if (press !== "mute-all") return conference.press(roomId, whose, { press, forMs, by });
    if (host === null) throw new ApiError("not_allowed");
    await muteAll(roomId, host, actor);
    return conference.look(roomId, whose);
  };

  const roomName = (roomId: string): string => directory.byId(roomId)?.name ?? "";

  /** Whose link it is. Everything that does not work is one and the same refusal. */
  const needOwner = async (secret: string, actor: Actor): Promise<TalkOwner> => {
    const guess = { kind: "talk-link", target: null, address: actor.address ?? "" } as const;
    const wait = guesses.take(guess);
    if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
    const owner = talkLinks.find(secret);
    const room = owner === null ? null : directory.byId(owner.roomId);
    if (owner === null || room === null || !isOpen(room, wallClock())) {
      await journal.note("talk-link.refused", actor);
      throw new ApiError("talk_link_wrong");
    }
    guesses.giveBack(guess);
    return owner;
  };

  return {
    muteParticipant: async ({ params: { roomId, participantId }, who, actor }) => {
      needOwnCall();
      const muted = conference.mute(roomId, participantId, who.participant.name);
      if (muted === null) throw new ApiError("not_found");
      await journal.note("call.muted", actor, { roomId, detail: muted.name });
      return undefined;
    },

    muteEverybody: async ({ params: { roomId }, who, actor }) => {
      await muteAll(roomId, { personId: who.personId, name: who.participant.name }, actor);
      return undefined;
    },

    makeTalkLink: async ({ params: { roomId }, who: { session, participant }, actor, request }) => {
      needOwnCall();
      const owner = { roomId, sessionId: session.id, name: participant.name };
      const made = talkLinks.make(owner, session.expiresAt, originOf(request));
      await journal.note("talk-link.made", actor, { roomId, detail: participant.name });
      return made;
    },

    pressTalk: async ({ body: { secret, press, forMs }, actor }): Promise<Talk> => {
      const { roomId, sessionId, name } = await needOwner(secret, actor);
      // As it is now: a host who is made a reviewer has a phone that mutes nobody.
      const person = presence.find(roomId, sessionId);
      const state = await pressed({
        roomId,
        press,
        forMs,
        whose: ({ id }) => id === sessionId,
        by: "phone",
        host: person?.isHost === true ? person : null,
        actor: { ...actor, actorId: sessionId },
      });
      return {
        roomName: roomName(roomId),
        name: person?.name ?? name,
        ...state,
        isHost: person?.isHost === true,
      };
    },

    pressOwnTalk: async ({ params: { roomId }, body: { press, forMs }, who: { user }, actor }) => {
      const state = await pressed({
        roomId,
        press,
        forMs,
        whose: ({ personId }) => personId === user.id,
        by: "button",
        host: { personId: user.id, name: user.name },
        actor,
      });
      return { roomName: roomName(roomId), name: user.name, ...state, isHost: true };
    },
  };
}
