import { constants, DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';

/** Longest text, blob or row; the longest in an image is a filter with its list of slices. */
const MAX_VALUE_BYTES = 1024 * 1024;
/** The product's own statements and the tables' definitions are far shorter. */
const MAX_SQL_BYTES = 10_000;
const MAX_SCHEMA_ENTRIES = 64;

const SQLITE_MAGIC = 'SQLite format 3\0';
/** Offsets of "file format write version" and "read version" in the header; 2 is WAL. */
const FORMAT_VERSIONS = [18, 19] as const;

/**
 * Definitions as the builder writes them: bare names, types and constraints. Without inner brackets
 * and quotes there is no expression to run (CHECK, DEFAULT, generated columns, partial indexes), no
 * virtual table and no way to hide one definition in another; commas stand between columns only. The
 * spaces are SQLite's own: what `\s` knows besides (a no-break space) is a letter of a name to it.
 */
const PLAIN_TABLE = /^CREATE TABLE (\w+) ?\(([\w \t\n\f\r,]+)\)(?: WITHOUT ROWID)?$/;
const PLAIN_INDEX = /^CREATE (?:UNIQUE )?INDEX \w+ ON \w+ ?\([\w \t\n\f\r,]+\)$/;

const ALLOWED_ACTIONS = new Set<number>([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
]);

/** The table breaks a rule; the caller knows which blob it came from. */
export class DatabaseFault extends Error {}

/**
 * A SQLite database from an untrusted source: a private copy in memory that can only be read. What
 * its schema may hold is checked before anything evaluates it, then every page is.
 */
export class UntrustedDatabase implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * @param bytes the whole file, whose digest has been checked.
   * @param required for each table how definitions of its columns begin, single spaces between words.
   * @throws DatabaseFault
   */
  constructor(bytes: Uint8Array, required: Readonly<Record<string, readonly string[]>>) {
    if (Buffer.from(bytes.subarray(0, 16)).toString('latin1') !== SQLITE_MAGIC)
      throw new DatabaseFault('not an SQLite database');
    // A database in memory cannot be in WAL mode (sqlite3_deserialize); no frames come with it.
    for (const offset of FORMAT_VERSIONS) bytes[offset] = 1;
    this.#database = new DatabaseSync(':memory:', {
      readBigInts: true,
      enableDoubleQuotedStringLiterals: false,
      allowExtension: false,
      defensive: true,
      limits: { length: MAX_VALUE_BYTES, sqlLength: MAX_SQL_BYTES, attach: 0, triggerDepth: 0 },
    });
    try {
      guarded(() => this.#prepare(bytes, required));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Rows in the statement's order, one at a time; integers are bigint. */
  *rows(sql: string): Generator<Record<string, SQLOutputValue>> {
    const rows = guarded(() => this.#database.prepare(sql).iterate());
    for (;;) {
      const next = guarded(() => rows.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** The one integer that a statement selects. */
  integer(sql: string): bigint {
    const [value] = Object.values(guarded(() => this.#database.prepare(sql).get()) ?? {});
    if (typeof value !== 'bigint') throw new DatabaseFault('a number is missing');
    return value;
  }

  /** For a statement that is run many times; use it with {@link guarded}. */
  prepare(sql: string): StatementSync {
    return guarded(() => this.#database.prepare(sql));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #prepare(bytes: Uint8Array, required: Readonly<Record<string, readonly string[]>>): void {
    const database = this.#database;
    database.deserialize(bytes);
    // Sorting must not spill into temporary files.
    database.exec('PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF');
    database.exec('PRAGMA cell_size_check=ON; PRAGMA query_only=ON');
    assertSchema(database, required);
    const [check] = database.prepare('PRAGMA integrity_check(1)').all();
    const [verdict] = Object.values(check ?? {});
    if (verdict !== 'ok') throw new DatabaseFault(`integrity check: ${String(verdict)}`);
    database.setAuthorizer((action) =>
      ALLOWED_ACTIONS.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY,
    );
  }
}

function assertSchema(
  database: DatabaseSync,
  required: Readonly<Record<string, readonly string[]>>,
): void {
  const entries = database
    .prepare(`SELECT type, name, sql FROM sqlite_schema LIMIT ${MAX_SCHEMA_ENTRIES + 1}`)
    .all();
  if (entries.length > MAX_SCHEMA_ENTRIES) throw new DatabaseFault('too many tables');
  const tables = new Map<string, readonly string[]>();
  for (const { type, name, sql } of entries) {
    if (typeof name !== 'string') throw new DatabaseFault('schema entry without a name');
    if (type !== 'table' && type !== 'index')
      throw new DatabaseFault(`schema has a ${String(type)}: ${name}`);
    // Indexes that come with a constraint have no definition of their own.
    if (type === 'index' && sql === null) continue;
    const plain = type === 'table' ? PLAIN_TABLE : PLAIN_INDEX;
    const match = typeof sql === 'string' ? plain.exec(sql) : null;
    if (match === null) throw new DatabaseFault(`schema has an unusual ${type}: ${name}`);
    if (type === 'index') continue;
    const [, table, columns = ''] = match;
    if (table !== name) throw new DatabaseFault(`${name} is defined as something else`);
    tables.set(name, columnDefinitions(columns));
  }
  for (const [name, definitions] of Object.entries(required)) {
    const columns = tables.get(name);
    if (columns === undefined) throw new DatabaseFault(`no table ${name}`);
    for (const wanted of definitions)
      // With the space: a longer word would be another one.
      if (!columns.some((column) => `${column} `.startsWith(`${wanted} `)))
        throw new DatabaseFault(`${name} lacks ${wanted}`);
  }
}

/** The text within a plain table's brackets; single spaces between words. */
function columnDefinitions(columns: string): string[] {
  return columns.split(',').map((column) => column.trim().replaceAll(/\s+/g, ' '));
}

/** Turns what SQLite finds wrong into a {@link DatabaseFault}. */
export function guarded<Result>(use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR')
      throw error;
    throw new DatabaseFault(error.message, { cause: error });
  }
}
