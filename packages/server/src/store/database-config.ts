import { ConfigError } from "../config-error.js";
import { type ReadText, wholeNumber } from "../config-values.js";

/** How a PostgreSQL server is spoken to. */
export type DatabaseConfig = {
  /** The most connections of this process's pool. */
  readonly connections: number;
  /** `off`: in the clear. `require`: encrypted, whoever answers. `verify`: encrypted, and the certificate is checked. */
  readonly tls: "off" | "require" | "verify";
  /** A PEM file with the authority that signed the server's certificate; null: those that Node knows. */
  readonly caFile: string | null;
};

const MODES = ["off", "require", "verify"] as const;

/** libpq's sslmode, as hosting companies write it into the address they hand out (PostgreSQL 18, §32.1.2). */
const BY_SSLMODE: Readonly<Record<string, DatabaseConfig["tls"]>> = {
  disable: "off",
  require: "require",
  "verify-ca": "verify", // stricter than asked: the name is checked too
  "verify-full": "verify",
};

/** Reads DATABASE_CONNECTIONS, DATABASE_TLS and DATABASE_CA_FILE, and what DATABASE_URL says of TLS in their absence. */
export function readDatabase(text: ReadText): DatabaseConfig {
  const connections = wholeNumber("DATABASE_CONNECTIONS", text("DATABASE_CONNECTIONS") ?? "10", 1, 100);
  const inAddress = tlsInAddress(text("DATABASE_URL"));
  const tls = readMode(text("DATABASE_TLS")) ?? inAddress.tls ?? "off";
  const caFile = text("DATABASE_CA_FILE") ?? inAddress.caFile;
  if (caFile !== null && tls !== "verify")
    throw new ConfigError("DATABASE_CA_FILE", caFile, "nothing, unless DATABASE_TLS is verify");
  return { connections, tls, caFile };
}

function readMode(asked: string | null): DatabaseConfig["tls"] | null {
  if (asked === null) return null;
  const tls = MODES.find((mode) => mode === asked);
  if (tls === undefined) throw new ConfigError("DATABASE_TLS", asked, `one of ${MODES.join(", ")}`);
  return tls;
}

function tlsInAddress(databaseUrl: string | null): {
  tls: DatabaseConfig["tls"] | null;
  caFile: string | null;
} {
  if (databaseUrl === null || !URL.canParse(databaseUrl)) return { tls: null, caFile: null }; // refused elsewhere
  const { searchParams } = new URL(databaseUrl);
  const mode = searchParams.get("sslmode");
  const tls = mode === null ? null : BY_SSLMODE[mode];
  const expected = Object.keys(BY_SSLMODE).join(", ");
  if (tls === undefined)
    throw new ConfigError("DATABASE_URL", `sslmode=${mode}`, `an sslmode of ${expected}`);
  for (const word of searchParams.keys()) {
    if (word.startsWith("ssl") && word !== "sslmode" && word !== "sslrootcert")
      throw new ConfigError("DATABASE_URL", `${word}=`, "sslmode and sslrootcert, or DATABASE_TLS alone");
  }
  return { tls, caFile: searchParams.get("sslrootcert") };
}
