import type { BlobRef } from './blob-store.ts';
import { sha256 } from './blob-store.ts';
import { ResourceFault, toDigest, toSize } from './resource-table.ts';
import { DatabaseFault, UntrustedDatabase } from './untrusted-database.ts';

/** Counts of one payload's filesystem. */
export interface FileCounts {
  readonly directories: number;
  readonly symlinks: number;
  readonly files: number;
  readonly hardLinkedFiles: number;
  readonly unpackedBytes: number;
}

/** Each table is joined to others by these, so they must be what joins need. */
const DEFINITIONS = {
  ft_resource: ['resource_id INTEGER PRIMARY KEY', 'digest BLOB NOT NULL UNIQUE'],
  ft_inode: ['inode_id INTEGER PRIMARY KEY'],
  ft_regular: ['path TEXT PRIMARY KEY'],
  ft_non_regular: ['path TEXT PRIMARY KEY'],
  ft_dir: ['path TEXT PRIMARY KEY'],
};

/** A file without a resource is in no join, so that clients make no such file. */
const HAS_RESOURCE = 'resource_id IS NOT NULL';

const S_IFMT = 0o170000;
const S_IFLNK = 0o120000;

/** The file table of one payload: its filesystem, and the resources that its files consist of. */
export class FileTable implements Disposable {
  readonly #database: UntrustedDatabase;

  /**
   * @param bytes the SQLite file, whose digest has been checked.
   * @throws DatabaseFault
   */
  constructor(bytes: Uint8Array) {
    this.#database = new UntrustedDatabase(bytes, DEFINITIONS);
  }

  /** Rows of the largest table. */
  rowCount(): number {
    const counts = Object.keys(DEFINITIONS).map((table) => this.#count(`FROM ${table}`));
    return Math.max(...counts);
  }

  /**
   * Counts the filesystem after every reference within the table was found to lead somewhere.
   * @throws DatabaseFault
   */
  counts(): FileCounts {
    this.#assertReferences();
    // A negative inode id is shared by hard links; others may share one for equal owner and mode.
    const links = `FROM ft_regular WHERE inode_id < 0 AND ${HAS_RESOURCE} GROUP BY inode_id`;
    const onceEach = `(SELECT min(resource_id) AS resource_id ${links})`;
    const sum = (from: string) =>
      toSize(this.#database.integer(`SELECT coalesce(sum(size), 0) ${from}`));
    return {
      directories: this.#count('FROM ft_dir'),
      symlinks: this.#count(
        `FROM ft_non_regular JOIN ft_inode USING (inode_id) WHERE mode & ${S_IFMT} = ${S_IFLNK}`,
      ),
      files: this.#count(`FROM ft_regular WHERE ${HAS_RESOURCE}`),
      hardLinkedFiles: toSize(
        this.#database.integer(
          `SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n ${links} HAVING n > 1)`,
        ),
      ),
      unpackedBytes:
        sum('FROM ft_regular JOIN ft_resource USING (resource_id) WHERE inode_id >= 0') +
        sum(`FROM ${onceEach} JOIN ft_resource USING (resource_id)`),
    };
  }

  /**
   * The resources that a client has to fetch; the inlined ones and the empty file are checked here.
   * @throws DatabaseFault, ResourceFault
   */
  *resources(): Generator<BlobRef> {
    for (const row of this.#database.rows('SELECT digest, size, contents FROM ft_resource')) {
      const digest = toDigest(row['digest']);
      const size = toSize(row['size']);
      // An empty file has nothing to be fetched, whether its row has contents or none.
      const contents = row['contents'] ?? (size === 0 ? new Uint8Array(0) : null);
      if (contents === null) yield { digest, size };
      else if (!(contents instanceof Uint8Array)) throw new DatabaseFault('contents are no blob');
      else if (contents.length !== size || sha256(contents) !== digest)
        throw new ResourceFault(digest, 'invalid', 'its inlined contents are something else');
    }
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #assertReferences(): void {
    const none = (from: string, fault: string) => {
      if (this.#count(from) > 0) throw new DatabaseFault(fault);
    };
    none(
      `FROM ft_inode WHERE typeof(mode) <> 'integer' OR typeof(uid) <> 'integer' OR typeof(gid) <> 'integer'`,
      'an inode has no numbers',
    );
    none(`FROM ft_resource WHERE typeof(size) <> 'integer'`, 'a size is no number of bytes');
    for (const table of ['ft_regular', 'ft_non_regular', 'ft_dir']) {
      none(
        `FROM ${table} WHERE typeof(path) <> 'text' OR substr(path, 1, 1) <> '/'`,
        `${table} has a path that is not absolute`,
      );
      none(
        `FROM ${table} LEFT JOIN ft_inode USING (inode_id) WHERE mode IS NULL`,
        `${table} points to an inode that does not exist`,
      );
    }
    none(
      `FROM ft_regular LEFT JOIN ft_resource USING (resource_id) WHERE digest IS NULL AND ${HAS_RESOURCE}`,
      'ft_regular points to a resource that does not exist',
    );
  }

  #count(from: string): number {
    return toSize(this.#database.integer(`SELECT count(*) ${from}`));
  }
}
