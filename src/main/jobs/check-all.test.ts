import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { cli, SAMPLE_IMAGES } from '../../../test/support/cli.ts';
import { sharedTmpFolder } from '../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../test/support/tools.ts';
import { builderError } from '../../shared/errors.ts';
import type { CheckOutcome, CheckSubject } from '../../shared/model/check.ts';
import type { BuildResult } from '../../shared/model/job.ts';
import { checkAll, type OpenDrive } from './check-all.ts';

const shared = sharedTmpFolder();
const file = (name: string): string => join(shared(), name);
let built: BuildResult;

beforeAll(async () => {
  const outputs = ['x.img', 'x.tar'].flatMap((name) => ['-o', file(name)]);
  const { exit, stderr, last } = await cli([...SAMPLE_IMAGES.slice(0, 1), ...outputs, '--json']);
  expect(exit, stderr).toBe(0);
  if (last?.kind !== 'done') throw new Error('nothing was built');
  built = last.result;
});

/** A drive in memory that writes down what is done to it. */
class FakeDrive implements OpenDrive {
  readonly blockSize = 512;
  readonly done: string[] = [];
  readonly name: string;
  readonly #bytes: Uint8Array;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes.slice(offset, offset + length));
  }

  eject(): Promise<boolean> {
    this.done.push('eject');
    return Promise.resolve(true);
  }

  close(): Promise<void> {
    if (!this.done.includes('close')) this.done.push('close');
    return Promise.resolve();
  }
}

const drive = (path: string): CheckSubject => ({
  kind: 'drive',
  identity: {
    ...{ path, serial: null, model: null, size: 1, transport: 'usb' },
    ...{ deviceNumber: path, generation: path },
  },
});

interface Run {
  readonly eject?: boolean;
  readonly signal?: AbortSignal;
  readonly onChecks?: (checks: readonly CheckOutcome[]) => void;
  readonly drives: readonly (OpenDrive | Error)[];
}

function run(subjects: readonly CheckSubject[], { eject = false, drives, ...rest }: Run) {
  return checkAll(
    { subjects, eject },
    {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onChecks: () => undefined,
      openDrives: () =>
        Promise.resolve(
          drives.map((each) =>
            each instanceof Error ? Promise.reject(each) : Promise.resolve(each),
          ),
        ),
      ...rest,
    },
  );
}

test('one that cannot be looked at leaves the others, and each is ejected and given back', async () => {
  const good = new FakeDrive('good', readFileSync(file('x.img')));
  const empty = new FakeDrive('empty', new Uint8Array(1 << 20));
  const busy = builderError('drive-busy', { drive: 'busy', user: '' });
  const subjects = [
    drive('/dev/a'),
    drive('/dev/b'),
    { kind: 'path' as const, path: file('x.tar') },
    { kind: 'path' as const, path: file('none.tar') },
    drive('/dev/c'),
  ];
  const seen: string[] = [];
  const checks = await run(subjects, {
    eject: true,
    drives: [busy, empty, good],
    onChecks: (now) => seen.push(now.map(({ state }) => state[0]).join('')),
  });
  expect(checks.map(({ state, error }) => error?.code ?? state)).toEqual([
    ...['drive-busy', 'verify-incomplete', 'done', 'input-not-found', 'done'],
  ]);
  expect(checks.map(({ report }) => report?.complete ?? null)).toEqual([
    null,
    null,
    true,
    null,
    true,
  ]);
  expect(checks.map(({ ejected }) => ejected)).toEqual([false, false, false, false, true]);
  expect(good.done).toEqual(['eject', 'close']);
  expect(empty.done).toEqual(['close']);
  expect(seen.at(0)).toBe('rwwww');
  expect(seen).toContain('ffrww');
});

test('without a password every drive says so, and files are checked all the same', async () => {
  const refused = builderError('elevation-cancelled', {});
  const subjects = [drive('/dev/a'), { kind: 'path' as const, path: file('x.tar') }];
  const checks = await checkAll(
    { subjects, eject: false },
    {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onChecks: () => undefined,
      openDrives: () => Promise.reject(refused),
    },
  );
  expect(checks.map(({ error, report }) => error?.code ?? report?.complete)).toEqual([
    ...['elevation-cancelled', true],
  ]);
});

test('cancelled in the middle, it rejects, and gives all drives back', async () => {
  const bytes = readFileSync(file('x.img'));
  const drives = [new FakeDrive('one', bytes), new FakeDrive('two', bytes)];
  const controller = new AbortController();
  const ended = run([drive('/dev/a'), drive('/dev/b')], {
    drives,
    signal: controller.signal,
    onChecks: (checks) => {
      if (checks[1]?.state === 'running') controller.abort();
    },
  });
  await expect(ended).rejects.toThrow();
  expect(drives.map(({ done }) => done)).toEqual([['close'], ['close']]);
});

testNeeding(
  [tool('tar'), tool('sha256sum'), tool('openssl')],
  'a check finds the digests and signers that were built, which are those of other programs',
  async () => {
    const [check] = await run([{ kind: 'path', path: file('x.tar') }], { drives: [] });
    const signatures = check?.report?.signatures ?? [];
    expect(signatures).toHaveLength(1);
    expect(signatures).toEqual(built.signatures);
    execFileSync(tool('tar').path, ['xf', file('x.tar'), '-C', shared()]);
    for (const [at, { digest, signer }] of signatures.entries()) {
      const folder = file(`meta/${at}`);
      const sum = execFileSync(tool('sha256sum').path, [join(folder, 'metadata.jwt')]);
      expect(sum.toString()).toMatch(new RegExp(`^${digest ?? 'none'} `, 'u'));
      const claims = JSON.parse(
        Buffer.from(
          readFileSync(join(folder, 'metadata.jwt'), 'utf8').split('.')[1] ?? '',
          'base64url',
        ).toString(),
      ) as Record<string, string>[];
      const pem = claims.find((claim) => 'certificate' in claim)?.['certificate'] ?? '';
      const args = [
        'x509',
        '-noout',
        '-subject',
        '-nameopt',
        'multiline',
        '-in',
        join(folder, pem),
      ];
      const name = /commonName += (.+)/u.exec(
        execFileSync(tool('openssl').path, args, { encoding: 'utf8' }),
      )?.[1];
      expect(signer).toContain(`CN=${name ?? 'none'}`);
    }
  },
);
