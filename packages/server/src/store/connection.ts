import { readFileSync } from "node:fs";
import type pg from "pg";
import { ConfigError } from "../config-error.js";
import type { DatabaseConfig } from "./database-config.js";

const CONNECT_DEADLINE_MS = 5_000;

/** Where a PostgreSQL server is and how it is spoken to. */
export type ServerAddress = {
  readonly databaseUrl: string;
  readonly database: DatabaseConfig;
};

/** What every connection to a PostgreSQL server has in common. `name` is what its operator sees of it. */
export function connectionTo({ databaseUrl, database }: ServerAddress, name: string): pg.ClientConfig {
  return {
    connectionString: withoutTlsWords(databaseUrl),
    ssl: tlsFor(databaseUrl, database),
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    application_name: name,
    options: "-c TimeZone=UTC",
    keepAlive: true,
  };
}

function tlsFor(databaseUrl: string, { tls, caFile }: DatabaseConfig): pg.ClientConfig["ssl"] {
  if (tls === "off") return false;
  if (tls === "require") return { rejectUnauthorized: false };
  const ca = caFile === null ? {} : { ca: readCertificate(caFile) };
  // Without a host, Node 20 holds the certificate of a server that is named by its IP address against "localhost".
  return { rejectUnauthorized: true, host: hostOf(databaseUrl), ...ca };
}

function readCertificate(path: string): string {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new ConfigError("DATABASE_CA_FILE", path, `a file that can be read${why}`);
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw new ConfigError("DATABASE_CA_FILE", path, "a certificate in PEM form");
  return text;
}

/** The host as a certificate names it; an IPv6 address without its brackets. */
function hostOf(databaseUrl: string): string {
  return new URL(databaseUrl).hostname.replace(/^\[(.*)\]$/, "$1");
}

/** pg would take libpq's words in the address for more than our own settings, which have read them already. */
function withoutTlsWords(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const words = [...url.searchParams.keys()].filter((word) => word.startsWith("ssl"));
  if (words.length === 0) return databaseUrl;
  for (const word of words) url.searchParams.delete(word);
  return url.href;
}
