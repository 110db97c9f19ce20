import type pg from "pg";
import type { Migration } from "../migrate.js";

/** What the processes on one database say to each other: gone within minutes, and of no use to later ones. */
const FLEETING = new Set(["bus_messages"]);

/** The tables and enums that these migrations leave behind. A shared schema may hold others, which are not ours. */
export function madeBy(migrations: readonly Migration[]): {
  readonly tables: readonly string[];
  readonly enums: readonly string[];
} {
  const tables = new Set<string>();
  const enums = new Set<string>();
  for (const { sql } of migrations) {
    for (const [, verb = "", kind, name = ""] of sql.matchAll(/^(CREATE|DROP) (TABLE|TYPE) "(\w+)"/gm)) {
      const all = kind === "TABLE" ? tables : enums;
      if (verb === "CREATE") all.add(name);
      else all.delete(name);
    }
  }
  return { tables: [...tables], enums: [...enums] };
}

/** The tables that are kept in a backup, each after those that its foreign keys point to. */
export async function tablesInOrder(
  client: pg.PoolClient,
  migrations: readonly Migration[],
): Promise<string[]> {
  const names = madeBy(migrations).tables.filter((name) => !FLEETING.has(name));
  const { rows } = await client.query<{ from: string; to: string }>(
    `SELECT a.relname AS from, b.relname AS to FROM pg_constraint c
     JOIN pg_class a ON a.oid = c.conrelid JOIN pg_class b ON b.oid = c.confrelid
     WHERE c.contype = 'f' AND a.relnamespace = current_schema()::regnamespace AND a.oid <> b.oid`,
  );
  const ordered: string[] = [];
  while (ordered.length < names.length) {
    const next = names.filter(
      (name) =>
        !ordered.includes(name) &&
        rows.every(({ from, to }) => from !== name || ordered.includes(to) || !names.includes(to)),
    );
    if (next.length === 0)
      throw new Error("the tables point to each other in a circle: there is no order to write them in");
    ordered.push(...next);
  }
  return ordered;
}

/** A name as SQL takes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
