import type { DatabaseConfig } from "./database-config.js";

/** The oldest PostgreSQL that ColourStream is tried with. */
export const OLDEST_POSTGRES = 13;

/** The PostgreSQL at DATABASE_URL cannot be used. The message names its host, never its password. */
export class DatabaseError extends Error {
  /** Without the server's name. */
  readonly why: string;

  constructor(databaseUrl: string, why: string, cause?: unknown) {
    super(`PostgreSQL at ${hostOf(databaseUrl)} (DATABASE_URL) ${why}`, { cause });
    this.name = "DatabaseError";
    this.why = why;
  }
}

/** A server that answers and that ColourStream cannot work with. */
export class UnsuitableServerError extends Error {}

/** The server's address as it may be shown. */
export function hostOf(databaseUrl: string): string {
  const { host, hostname, port, searchParams } = new URL(databaseUrl);
  if (hostname === "") return searchParams.get("host") ?? "localhost"; // a Unix socket's folder
  return port === "" ? `${hostname}:5432` : host;
}

type Where = { readonly databaseUrl: string; readonly database: Pick<DatabaseConfig, "tls"> };

/** What is in the way, in words for who runs the server. Null: it is no matter of the connection. */
export function reasonOf(error: unknown, where: Where): string | null {
  if (error instanceof AggregateError)
    return error.errors.map((one) => reasonOf(one, where) ?? String(one)).join("; "); // localhost: IPv6, then IPv4
  if (error instanceof UnsuitableServerError) return error.message;
  if (!(error instanceof Error)) return null;
  const code = "code" in error ? String(error.code) : "";
  return ofTls(error, code, where) ?? ofLogin(error, code, where) ?? ofSystem(error, code, where);
}

function ofSystem(error: Error, code: string, { databaseUrl }: Where): string | null {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `the host name ${new URL(databaseUrl).hostname} is not known (${code})`;
  if (code === "53300") return `it has no connection left for us: ${error.message}`;
  return null;
}

/** PostgreSQL's error codes: its appendix A. */
function ofLogin(error: Error, code: string, { databaseUrl, database }: Where): string | null {
  const { user, name } = whoAndWhat(databaseUrl);
  switch (code) {
    case "28P01":
      return `refuses the user ${user}: the password in DATABASE_URL is wrong.`;
    case "28000": {
      const tls = database.tls === "off" && error.message.includes("no encryption");
      return `refuses us: ${error.message}.${tls ? " It may want TLS: set DATABASE_TLS to verify or require." : ""}`;
    }
    case "3D000":
      return `has no database ${name}. Its administrator makes it with: CREATE DATABASE "${name}" OWNER "${user}"`;
    case "42501":
      return `does not let the user ${user} make tables in the database ${name} (${error.message}). Make ${user} its owner: ALTER DATABASE "${name}" OWNER TO "${user}"`;
    default:
      // pg 8.23 has no code for it.
      return /client password must be a (non-empty )?string/.test(error.message)
        ? `asks for the password of the user ${user}, and DATABASE_URL has none.`
        : null;
  }
}

function ofTls(error: Error, code: string, { database: { tls } }: Where): string | null {
  if (tls === "off") return null;
  if (error.message === "The server does not support SSL connections")
    return `does not offer TLS, and DATABASE_TLS is ${tls}. Switch it on there (ssl = on), or set DATABASE_TLS to off where nobody can listen between the two.`;
  switch (code) {
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "CERT_SIGNATURE_FAILURE":
      return `shows a certificate that nobody known here has signed (${code}). DATABASE_CA_FILE names the authority that has.`;
    case "CERT_HAS_EXPIRED":
      return "shows a certificate that has expired.";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `shows a certificate for another name. ${error.message}`;
    default:
      return /^(ERR_SSL|ERR_TLS|EPROTO)/.test(code) ? `refuses TLS: ${error.message}` : null;
  }
}

function whoAndWhat(databaseUrl: string): { user: string; name: string } {
  const { username, pathname } = new URL(databaseUrl);
  const user = username === "" ? "of this process" : decodeURIComponent(username);
  const name = pathname.slice(1) === "" ? user : decodeURIComponent(pathname.slice(1));
  return { user, name };
}
