import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageInput } from '../../../src/main/engine/archive/image-input.ts';
import type { Member } from '../../../src/main/engine/content/member-location.ts';
import { loadCaChains } from '../../../src/main/engine/inspect/ca.ts';
import { parseCertificate } from '../../../src/main/engine/inspect/certificate.ts';
import { findAnchor } from '../../../src/main/engine/inspect/chain.ts';
import { findBlobs } from '../../../src/main/engine/inspect/legacy/blobs.ts';
import { readClaims, signedFiles } from '../../../src/main/engine/inspect/legacy/claims.ts';
import { parseJwt, verifyEs256, type Jwt } from '../../../src/main/engine/inspect/legacy/jwt.ts';
import { validateSigner } from '../../../src/main/engine/inspect/legacy/signer.ts';
import {
  isDirectoryLine,
  isPersistentLine,
  isSymlinkLine,
  tableLines,
} from '../../../src/main/engine/inspect/legacy/tables.ts';
import { builderError } from '../../../src/shared/errors.ts';
import { CORPUS, loadCorpus } from '../corpus.ts';
import { mutatedBytes, mutatedJson } from '../mutate.ts';
import { rule, type FuzzTarget } from '../target.ts';

const notJwt = () => builderError('metadata-invalid', { file: 'x', reason: 'no JWT' });

/** The tokens in the corpus, and the key that signed all of them. */
const SIGNED = loadCorpus('jwt').flatMap((bytes) => parseJwt(bytes) ?? []);
const SIGNER = readFileSync(join(CORPUS, 'signer.pem'));
const { publicKey: KEY } = new X509Certificate(SIGNER);

function runJwt(input: Buffer): void {
  const jwt = parseJwt(input);
  if (jwt === null) throw notJwt();
  // ES256: without the key it is impossible to make another text that it fits.
  if (verifyEs256(jwt, KEY))
    rule(
      SIGNED.some(({ signed }) => signed.equals(jwt.signed)),
      'a changed token has a right signature',
    );
  checkClaims(jwt);
}

function runClaims(input: Buffer): void {
  let payload: unknown;
  try {
    payload = JSON.parse(input.toString());
  } catch {
    throw notJwt();
  }
  const nothing = Buffer.alloc(0);
  checkClaims({ header: { alg: 'ES256' }, payload, signed: nothing, signature: nothing });
}

function checkClaims(jwt: Jwt): void {
  const claims = readClaims('x', jwt);
  const names = [...signedFiles(claims).map(({ name }) => name), claims.rootfs];
  for (const name of [...names, claims.compressed ?? 'x'])
    rule(
      name !== '' && !/^\/|\\|\0/.test(name) && !name.split('/').includes('..'),
      `a claim names ${JSON.stringify(name)}`,
    );
}

const toPem = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;

const CERTIFICATES = loadCorpus('certificate').map((der) => new X509Certificate(der));
const ROOT = CERTIFICATES.find((certificate) => certificate.subject === certificate.issuer);
const NOW = new Date(
  CERTIFICATES.reduce((last, { validFrom }) => Math.max(last, Date.parse(validFrom)), 0),
);

/** As an image's signer, as somebody's issuer, and as the CA of a vehicle. */
async function runCertificate(input: Buffer, folder: string): Promise<void> {
  writeFileSync(join(folder, 'x.root.pem'), toPem(input));
  const refusals: unknown[] = [];
  await loadCaChains(folder).catch((error: unknown) => refusals.push(error));
  const [jwt] = SIGNED;
  rule(jwt !== undefined, 'the corpus has no token');
  const options = { caDir: null, checkSignature: true };
  await validateSigner('x', jwt, Buffer.from(toPem(input)), options).catch((error: unknown) =>
    refusals.push(error),
  );
  for (const refusal of refusals) if (!isTyped(refusal)) throw refusal;
  let certificate: X509Certificate;
  try {
    certificate = parseCertificate(input);
  } catch {
    throw refusals[0];
  }
  rule(ROOT !== undefined, 'the corpus has no root');
  const roots = [{ name: 'x', roots: [ROOT], intermediates: CERTIFICATES }];
  if (findAnchor(certificate, roots, { now: NOW }) !== null)
    rule(
      CERTIFICATES.some(({ raw }) => tbs(raw).equals(tbs(certificate.raw))),
      'a changed certificate is anchored',
    );
  for (const leaf of CERTIFICATES) {
    const chain = { name: 'x', roots: [ROOT], intermediates: [certificate] };
    const isOwn = CERTIFICATES.some(({ raw }) => tbs(raw).equals(tbs(certificate.raw)));
    const direct = findAnchor(leaf, [{ ...chain, intermediates: [] }], { now: NOW }) !== null;
    if (findAnchor(leaf, [chain], { now: NOW }) !== null)
      rule(isOwn || direct, 'a changed issuer is anchored');
  }
}

function isTyped(error: unknown): boolean {
  return error instanceof Error && error.name === 'BuilderError';
}

/** The signed part: the bytes before the algorithm and the signature. */
function tbs(der: Buffer): Buffer {
  const length = der.readUInt8(5) === 0x82 ? der.readUInt16BE(6) + 4 : der.readUInt8(6) + 3;
  return der.subarray(4, 4 + length);
}

const MEMBER: Member = { size: 5, location: { kind: 'extent', offset: 0 } };

/** An image that has every member that a line may name. */
const INPUT: ImageInput = {
  path: 'x',
  container: 'tar',
  fingerprint: { size: 0, mtimeMs: 0, inode: '' },
  members: Object.assign(new Map<string, Member>(), { get: () => MEMBER }),
  others: new Set(),
  readMany: () => Promise.resolve(new Map()),
};

async function runTable(input: Buffer): Promise<void> {
  for (const { text } of tableLines(input))
    for (const isLine of [isDirectoryLine, isSymlinkLine, isPersistentLine])
      if (isLine(text)) rule(text.includes("'/"), 'a line without an absolute path');
  const file = { name: 'x', hash: '' };
  const claims = {
    ...{ directories: file, symlinks: file, regulars: file, persistents: file, certificate: file },
    ...{ rootfs: 'data', compressed: 'data.zst' },
  };
  const { blobs } = await findBlobs(INPUT, claims, input);
  for (const { name } of blobs) rule(/^[0-9a-f]{64}(\.zst)?$/.test(name), `a blob called ${name}`);
}

export const legacyTargets: readonly FuzzTarget[] = [
  { name: 'jwt', faults: [], inputs: (corpus) => mutatedBytes(corpus), run: runJwt },
  { name: 'claims', faults: [], inputs: mutatedJson, run: runClaims },
  {
    name: 'certificate',
    faults: [],
    inputs: (corpus) => mutatedBytes(corpus),
    run: runCertificate,
  },
  { name: 'table', faults: [], inputs: (corpus) => mutatedBytes(corpus), run: runTable },
];
