import type pg from "pg";

type Column = {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly label: string | null;
};
type Link = { readonly table: string; readonly column: string; readonly to: string };

const HARD = '“Grade”\t"A\\B"\n{"is":"row"}\r\u2028 🎬 é \u0001 \'x\'';

/** Two rows in every table that there is, of every type of column that there is; a table that comes later is in it too. */
export async function fillEveryTable(pool: pg.Pool, tables: readonly string[]): Promise<void> {
  const { rows: columns } = await pool.query<Column>(
    `SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type,
            (SELECT enumlabel FROM pg_enum WHERE enumtypid = a.atttypid ORDER BY enumsortorder DESC LIMIT 1) AS label
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attnum`,
  );
  const { rows: links } = await pool.query<Link>(
    `SELECT a.relname AS table, b.relname AS to, k.attname AS column FROM pg_constraint c
     JOIN pg_class a ON a.oid = c.conrelid JOIN pg_class b ON b.oid = c.confrelid
     JOIN pg_attribute k ON k.attrelid = a.oid AND k.attnum = c.conkey[1] WHERE c.contype = 'f'`,
  );
  for (const table of tables) {
    for (const number of [1, 2]) {
      const own = columns.filter((column) => column.table === table);
      const values = own.map(({ name, type, label }) => {
        const link = links.find((one) => one.table === table && one.column === name);
        return link === undefined ? exampleOf(table, name, type, label, number) : `${link.to} ${number}`;
      });
      const names = own.map(({ name }) => `"${name}"`).join();
      const places = own.map((_, at) => `$${at + 1}`).join();
      await pool.query(`INSERT INTO "${table}" (${names}) VALUES (${places})`, values);
    }
  }
}

function exampleOf(table: string, name: string, type: string, label: string | null, number: number): unknown {
  if (label !== null) return label;
  switch (type) {
    case "text":
      return name === "id" ? `${table} ${number}` : `${HARD} ${table} ${number}`;
    case "bytea":
      return Buffer.from([0, 255, 10, 34, 92, number]);
    case "boolean":
      return number === 1 ? true : name === "is_owner" ? null : false;
    case "integer":
      return -number;
    case "bigint":
      return `900719925474099${number + 2}`; // above what a JavaScript number holds
    case "timestamp with time zone":
      return `2026-11-23T03:04:05.67${number}Z`;
    case "text[]":
      return number === 1 ? [] : [HARD, "null", ""];
    case "jsonb":
      return JSON.stringify([{ personId: HARD, big: number }]);
    default:
      throw new Error(`${table}.${name} is of type ${type}: say here what a value of it is`);
  }
}

/** What tells every row of these tables from any other: of each table how many there are, and a hash over them. */
export async function everyRow(pool: pg.Pool, tables: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of tables) {
    const { rows } = await pool.query<{ count: number; hash: string }>(
      `SELECT count(*)::int AS count, md5(string_agg(t::text, E'\n' ORDER BY t::text COLLATE "C")) AS hash FROM "${table}" t`,
    );
    found[table] = `${rows[0]?.count} rows, ${rows[0]?.hash}`;
  }
  return found;
}
