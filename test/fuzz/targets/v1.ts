import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ImageInput } from '../../../src/main/engine/archive/image-input.ts';
import { inspectV1 } from '../../../src/main/engine/inspect/v1/inspect-v1.ts';
import {
  configSchema,
  clientManifestSchema,
  DocumentFault,
  parseDocument,
  payloadManifestSchema,
  readLayoutVersion,
} from '../../../src/main/engine/inspect/v1/documents.ts';
import { FileTable } from '../../../src/main/engine/inspect/v1/file-table.ts';
import { FilterFault, parseFilter } from '../../../src/main/engine/inspect/v1/filter.ts';
import {
  parseIndexToken,
  verifyIndexToken,
} from '../../../src/main/engine/inspect/v1/index-token.ts';
import {
  ResourceFault,
  ResourceTable,
} from '../../../src/main/engine/inspect/v1/resource-table.ts';
import { stickFiles } from '../../../src/main/engine/inspect/v1/stick-names.ts';
import { DatabaseFault } from '../../../src/main/engine/inspect/v1/untrusted-database.ts';
import { unzstd, ZstdFault } from '../../../src/main/engine/inspect/v1/unzstd.ts';
import { loadCorpus } from '../corpus.ts';
import { mutatedBytes, mutatedJson } from '../mutate.ts';
import { rule, type FuzzTarget } from '../target.ts';

const CA = join(import.meta.dirname, '../../fixtures/samples-v1/ca');
const TOKENS = loadCorpus('index-token').map((bytes) => bytes.toString('latin1').trimEnd());

async function runIndexToken(input: Buffer): Promise<void> {
  const check = { file: 'x', caDir: CA, now: new Date('2027-01-01') };
  const { state } = await verifyIndexToken(parseIndexToken(input), check);
  rule(state === 'anchored', 'not anchored');
  rule(TOKENS.includes(input.toString('latin1').trimEnd()), 'a changed token is believed');
}

/** A token with an unchecked signature, that vouches for the given index. */
function tokenFor(index: Buffer): Buffer {
  const digest = `sha256:${createHash('sha256').update(index).digest('hex')}`;
  const claims = { iat: 1, image_index: { mediaType: 'x', digest, size: index.length } };
  const parts = [{ alg: 'ES256', x5c: [''] }, claims];
  const texts = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return Buffer.from(`${texts.join('.')}.`);
}

/** As a document of its own, and as the index of an image in which nothing is that it names. */
async function runDocument(input: Buffer): Promise<void> {
  const readers = [payloadManifestSchema, configSchema, clientManifestSchema].map(
    (schema) => () => parseDocument('document', input, schema),
  );
  for (const read of [() => readLayoutVersion(input), ...readers])
    try {
      read();
      return;
    } catch (error) {
      if (!(error instanceof DocumentFault)) throw error;
    }
  const contents = new Map<string, Uint8Array>([
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', input],
    ['index.jwt', tokenFor(input)],
  ]);
  const location = { kind: 'extent', offset: 0 } as const;
  const image: ImageInput = {
    ...{ path: 'x', container: 'zip', fingerprint: { size: 0, mtimeMs: 0, inode: '' } },
    members: new Map(
      Array.from(contents, ([name, { length: size }]) => [name, { size, location }]),
    ),
    others: new Set(),
    readMany: () => Promise.resolve(contents),
  };
  await inspectV1(image, { caDir: null, checkSignature: false });
  rule(({} as Record<string, unknown>)['polluted'] === undefined, 'a prototype was changed');
}

function runFilter(input: Buffer): void {
  const filter = parseFilter(input);
  if (filter.kind === 'slices') rule(filter.slices.length <= input.length, 'slices from nothing');
}

const DIGEST = /^[0-9a-f]{64}$/;

function runFileTable(input: Buffer): void {
  using table = new FileTable(input);
  const { files, unpackedBytes } = table.counts();
  rule(files >= 0 && unpackedBytes >= 0 && table.rowCount() >= files, 'absurd counts');
  for (const { digest, size } of table.resources())
    rule(DIGEST.test(digest) && size >= 0, 'an absurd resource');
}

/** What the resource tables of the corpus hold, so that there is something to look up. */
const RESOURCES = loadCorpus('resource-table').flatMap((bytes) => {
  const database = new DatabaseSync(':memory:');
  database.deserialize(bytes);
  const rows = database.prepare('SELECT digest, size FROM rs_manifest').all();
  database.close();
  return rows.map(({ digest, size }) => ({
    digest: Buffer.from(digest as Uint8Array).toString('hex'),
    size: Number(size),
  }));
});

function runResourceTable(input: Buffer): void {
  using table = new ResourceTable(input);
  table.rowCount();
  let fault: unknown = null;
  let found = 0;
  for (const resource of RESOURCES)
    try {
      for (const { name } of stickFiles(table.recipe(resource)))
        rule(/^[0-9a-f]{64}(\.zst)?$/.test(name), `a file called ${name}`);
      found++;
    } catch (error) {
      if (!(error instanceof ResourceFault)) throw error;
      fault ??= error;
    }
  if (found === 0) throw fault;
}

function runUnzstd(input: Buffer): void {
  const limit = 1024 * 1024;
  rule(unzstd(input, limit).length <= limit, 'more than allowed');
}

const bytes: FuzzTarget['inputs'] = (corpus) => mutatedBytes(corpus);
const tableFaults = [DatabaseFault, ResourceFault];

export const v1Targets: readonly FuzzTarget[] = [
  { name: 'index-token', faults: [DocumentFault], inputs: bytes, run: runIndexToken },
  { name: 'document', faults: [DocumentFault], inputs: mutatedJson, run: runDocument },
  { name: 'filter', faults: [FilterFault], inputs: bytes, run: runFilter },
  { name: 'file-table', faults: tableFaults, inputs: bytes, run: runFileTable },
  { name: 'resource-table', faults: tableFaults, inputs: bytes, run: runResourceTable },
  { name: 'unzstd', faults: [ZstdFault], inputs: bytes, run: runUnzstd },
];
