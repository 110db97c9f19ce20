import type { Account } from "@colourstream/contract";
import type { StoredUser } from "../store/users.js";

/** Why something cannot be done to an account. */
export type AccountRefusal = "not-there" | "yourself" | "owner" | "not-active";

/** A one-time code for an account: 160 random bits, shown once. */
export type AccountCode = { readonly account: Account; readonly code: string; readonly expiresAt: number };

/** The people with an account, as the owner runs them. */
export type Accounts = {
  list(): Promise<Account[]>;
  /** The name by which others know a user; null: there is none (any more). From memory. */
  nameOf(userId: string): string | null;
  invite(name: string): Promise<AccountCode>;
  rename(userId: string, name: string): Promise<StoredUser | null>;
  /** Disabling ends logins, tokens and links at once. */
  setDisabled(userId: string, disabled: boolean): Promise<Account | AccountRefusal>;
  makeLink(userId: string): Promise<AccountCode | AccountRefusal>;
  remove(userId: string): Promise<StoredUser | AccountRefusal>;
  /** Makes another the owner; both are read anew at once. */
  handOver(ownerId: string, userId: string): Promise<StoredUser | AccountRefusal>;
};

export function createAccounts(): Accounts {
  return {
    list: async () => [],
    nameOf: () => null,
    invite: notYet,
    rename: notYet,
    setDisabled: notYet,
    makeLink: notYet,
    remove: notYet,
    handOver: notYet,
  };
}
const notYet = (): never => {
  throw new Error("not built yet");
};
