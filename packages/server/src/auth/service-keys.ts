/** Signs what the server says to other services: JWTs (RFC 7519) by EdDSA, with `kid`, for 60 s. */
export type ServiceKeys = {
  /** A token for one audience. */
  sign(audience: string): Promise<string>;
  /** The public keys that are believed now (RFC 7517 §5). */
  jwks(): { readonly keys: readonly object[] };
  /** Makes a new key; the one before is believed as well, older ones no longer. */
  rotate(): Promise<void>;
};
