import type { AccountLink, userRoutes } from "@colourstream/contract";
import type { AccountCode, AccountRefusal } from "../auth/accounts.js";
import { setUpPath } from "../auth/set-up.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";
import { viewSession } from "./session-view.js";

/** The people with an account: the owner's affair, but for one's own name. */
export function userHandlers(product: Product): HandlersOf<typeof userRoutes> {
  const { accounts, sessions, tokens, journal, rooms, engine, relyingParty } = product;

  /** The link leads to where passkeys work: anywhere else it could not be used. */
  const link = ({ account, code, expiresAt }: AccountCode): AccountLink => {
    return { account, link: relyingParty().origin + setUpPath(code), expiresAt };
  };

  return {
    renameMe: async ({ who, body, actor }) => {
      const user = await accounts.rename(who.user.id, body.name);
      if (user === null) throw new ApiError("sign_in_needed"); // deleted while it asked
      await journal.note("user.changed", actor, { detail: user.name });
      return viewSession(product, { holder: { ...who.session.holder, user } });
    },

    listUsers: async () => ({ users: await accounts.list() }),

    inviteUser: async ({ body, actor }) => {
      const made = await accounts.invite(body.name);
      await journal.note("user.invited", actor, { detail: made.account.name });
      return link(made);
    },

    changeUser: async ({ who, params: { userId }, body, actor }) => {
      if (body.disabled !== undefined) {
        if (userId === who.user.id) throw refusal("owner");
        const changed = await accounts.setDisabled(userId, body.disabled);
        if (typeof changed === "string") throw refusal(changed);
        if (body.disabled) await tokens.endOfUser(userId);
        await journal.note(body.disabled ? "user.disabled" : "user.enabled", actor, { detail: changed.name });
      }
      if (body.name !== undefined) {
        const renamed = await accounts.rename(userId, body.name);
        if (renamed === null) throw refusal("not-there");
        await journal.note("user.changed", actor, { detail: renamed.name });
      }
      const account = await accounts.byId(userId);
      if (account === null) throw refusal("not-there");
      return account;
    },

    makeUserLink: async ({ params, actor }) => {
      const made = await accounts.makeLink(params.userId);
      if (typeof made === "string") throw refusal(made);
      await journal.note("user.link-made", actor, { detail: made.account.name });
      return link(made);
    },

    deleteUser: async ({ params, actor }) => {
      const gone = await accounts.remove(params.userId);
      if (typeof gone === "string") throw refusal(gone);
      rooms.ownerGone(gone.id);
      await journal.note("user.deleted", actor, { detail: gone.name });
      return undefined;
    },

    handOver: async ({ who, params, actor }) => {
      if (params.userId === who.user.id) throw refusal("owner");
      const heir = await accounts.handOver(who.user.id, params.userId);
      if (typeof heir === "string") throw refusal(heir);
      // Whatever they watch as the owner: their own rooms give them a new ticket, the others do not.
      for (const { id } of await sessions.logins(who.user.id)) await engine.disconnect({ participantId: id });
      await journal.note("owner.handed-over", actor, { detail: heir.name });
      return undefined;
    },
  };
}

/** Why it cannot be done, in words for the owner who asked. */
function refusal(why: AccountRefusal): ApiError {
  switch (why) {
    case "not-there":
      return new ApiError("not_found");
    case "owner":
      return new ApiError("not_yourself", {
        message: "This is your own account, the owner's. Hand over ColourStream first.",
      });
    case "not-active":
      return new ApiError("not_allowed", {
        message: "This account is disabled, or its holder has no passkey yet.",
      });
    case "no-longer-owner":
      return new ApiError("not_allowed", { message: "You are not the owner any more." });
  }
}
