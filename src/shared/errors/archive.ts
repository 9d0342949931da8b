/** Reading an input as a container of members, whatever it means. `file` is the input's path. */
export interface ArchiveErrors {
  'input-not-found': { file: string };
  'input-unreadable': { file: string; reason: string };
  'input-changed': { file: string };
  /** What would block or never end. */
  'input-is-pipe': { file: string };
  'input-is-socket': { file: string };
  'input-is-device': { file: string };
  'not-an-archive': { file: string };
  /** `kind`: name of a format that this program does not read. */
  'archive-kind-unsupported': { file: string; kind: string };
  /** A compressed file around something that is no tar archive: unknown, or of `kind`. */
  'compressed-without-tar': { file: string };
  'compressed-kind-unsupported': { file: string; kind: string };
  /** `limit`: bytes of memory that unpacking may need. */
  'archive-needs-memory': { file: string; limit: number };
  'archive-truncated': { file: string };
  'archive-corrupt': { file: string; reason: string };
  'archive-trailing-garbage': { file: string };
  'member-name-unsafe': { file: string; name: string };
  'archive-limit': { file: string; what: string; limit: number };
}
