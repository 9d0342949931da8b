import { builderError } from '../../../../shared/errors.ts';
import type { Jwt } from './jwt.ts';

/** The signed list of an image's metafiles, and what makes it a legacy image. */
export const METADATA_JWT = 'metadata.jwt';

/** A file that metadata.jwt vouches for. */
export interface SignedFile {
  readonly name: string;
  /** Lower-case hex SHA-256. */
  readonly hash: string;
}

/** The claims of metadata.jwt, checked for form. */
export interface Claims {
  readonly directories: SignedFile;
  readonly symlinks: SignedFile;
  readonly regulars: SignedFile;
  readonly persistents: SignedFile;
  readonly certificate: SignedFile;
  /** Folder of the files under their full paths. */
  readonly rootfs: string;
  /** Folder of the compressed files; null when the image has none. */
  readonly compressed: string | null;
}

/** A file in a vehicle's metadata folder needs no longer name. */
const MAX_NAME_LENGTH = 255;

/**
 * Reads the claims: a JSON array of one-claim objects in any order.
 * @throws `metadata-invalid`, `metadata-version-unsupported`, `name-unsafe`.
 */
export function readClaims(file: string, jwt: Jwt): Claims {
  const invalid = (reason: string) => builderError('metadata-invalid', { file, reason });
  if (!isRecord(jwt.header) || jwt.header['alg'] !== 'ES256')
    throw invalid('metadata.jwt: alg is not ES256');
  if (!Array.isArray(jwt.payload)) throw invalid('metadata.jwt: the payload is not an array');

  const find = (claim: string): Record<string, unknown> | null => {
    const found = (jwt.payload as unknown[]).filter(
      (item) => isRecord(item) && Object.hasOwn(item, claim),
    );
    // With two of a kind, two readers might each take another one.
    if (found.length > 1) throw invalid(`metadata.jwt: ${claim} is there twice`);
    return (found[0] as Record<string, unknown> | undefined) ?? null;
  };
  const name = (claim: string, value: unknown): string => {
    if (typeof value !== 'string') throw invalid(`metadata.jwt: ${claim} is not a text`);
    if (!isSafeName(value)) throw builderError('name-unsafe', { file, claim, name: value });
    return value
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/');
  };
  const signedFile = (claim: string): SignedFile => {
    const item = find(claim);
    if (item === null) throw invalid(`metadata.jwt: ${claim} is missing`);
    const { hash } = item;
    if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/i.test(hash))
      throw invalid(`metadata.jwt: the hash of ${claim} is not a SHA-256`);
    return { name: name(claim, item[claim]), hash: hash.toLowerCase() };
  };

  const version = find('version');
  if (version === null) throw invalid('metadata.jwt: version is missing');
  if (version['version'] !== 1)
    throw builderError('metadata-version-unsupported', {
      file,
      version: JSON.stringify(version['version']),
    });
  const rootfs = find('rootfs_directory');
  if (rootfs === null) throw invalid('metadata.jwt: rootfs_directory is missing');
  const compressed = find('compressed_rootfs_directory');
  const claims: Claims = {
    directories: signedFile('directory'),
    symlinks: signedFile('symboliclink'),
    regulars: signedFile('regular'),
    persistents: signedFile('persistent'),
    certificate: signedFile('certificate'),
    rootfs: name('rootfs_directory', rootfs['rootfs_directory']),
    compressed:
      compressed === null
        ? null
        : name('compressed_rootfs_directory', compressed['compressed_rootfs_directory']),
  };
  const names = [...signedFiles(claims).map(({ name }) => name), METADATA_JWT];
  if (new Set(names).size !== names.length)
    throw invalid('metadata.jwt: two claims name the same file');
  // A tar archive can hold both, but extracting it loses one of them.
  if (names.some((folder) => names.some((name) => name.startsWith(`${folder}/`))))
    throw invalid('metadata.jwt: the name of one file is the folder of another');
  return claims;
}

/** The files that a client downloads beside metadata.jwt. */
export function signedFiles(claims: Claims): SignedFile[] {
  const { certificate, directories, symlinks, regulars, persistents } = claims;
  return [certificate, directories, symlinks, regulars, persistents];
}

/** Names are untrusted: the first builder, as root, moved files of the host for an absolute one. */
function isSafeName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= MAX_NAME_LENGTH &&
    !name.startsWith('/') &&
    !/[\p{Cc}\\]/u.test(name) &&
    !name.split('/').includes('..') &&
    name.split('/').some((part) => part !== '' && part !== '.')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
