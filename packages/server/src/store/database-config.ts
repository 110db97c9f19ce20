import { ConfigError } from "../config-error.js";

/** How a PostgreSQL server is spoken to. */
export type DatabaseConfig = {
  /** The most connections of this process. */
  readonly connections: number;
  /** `off`: in the clear. `require`: encrypted, whoever answers. `verify`: encrypted, and the certificate is checked. */
  readonly tls: "off" | "require" | "verify";
  /** A PEM file with the authority that signed the server's certificate; null: those that Node knows. */
  readonly caFile: string | null;
};

const MODES = ["off", "require", "verify"] as const;

/** Reads DATABASE_CONNECTIONS, DATABASE_TLS and DATABASE_CA_FILE. */
export function readDatabase(text: (name: string) => string | null): DatabaseConfig {
  const asked = text("DATABASE_TLS") ?? "off";
  const tls = MODES.find((mode) => mode === asked);
  if (tls === undefined) throw new ConfigError("DATABASE_TLS", asked, `one of ${MODES.join(", ")}`);
  const number = text("DATABASE_CONNECTIONS") ?? "10";
  const connections = Number(number);
  if (!/^\d+$/.test(number) || connections < 1 || connections > 100)
    throw new ConfigError("DATABASE_CONNECTIONS", number, "a whole number from 1 to 100");
  const caFile = text("DATABASE_CA_FILE");
  if (caFile !== null && tls !== "verify")
    throw new ConfigError("DATABASE_CA_FILE", caFile, "nothing, unless DATABASE_TLS is verify");
  return { connections, tls, caFile };
}
