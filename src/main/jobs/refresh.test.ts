import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  debugfsTool,
  e2fsckComplaint,
  e2fsckTool,
  mkfsTool,
  run,
} from '../../../test/support/ext4/oracles.ts';
import {
  makeImage,
  packImage,
  seededBytes,
  type Compression,
} from '../../../test/support/image-factory.ts';
import { MemoryTarget } from '../../../test/support/memory-target.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { describeNeeding } from '../../../test/support/tools.ts';
import { builderError, toErrorData } from '../../shared/errors.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { Progress } from '../../shared/model/progress.ts';
import { boundedReader } from '../engine/ext4/reader/find-blobs.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import { build } from './build.ts';
import { versionImage } from '../../../test/support/version-image.ts';
import { drivePlaces } from '../../../test/support/stick-files.ts';

const MIB = 1024 * 1024;
const SIZE = 28 * MIB;

class Stick extends MemoryTarget implements DriveTarget {
  readonly memory: Uint8Array<ArrayBuffer>;
  written = 0;
  reads = 0;
  isCommitted = false;
  /** Changes what is read. */
  spoil: (offset: number, bytes: Uint8Array) => void = () => undefined;

  constructor(memory = new Uint8Array(SIZE)) {
    super(memory, { name: 'Stick', blockSize: 512, writeBytes: MIB });
    this.memory = memory;
  }

  override async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.written += bytes.length;
    await super.write(offset, bytes);
  }

  override async read(offset: number, length: number): Promise<Uint8Array> {
    this.reads++;
    const bytes = await super.read(offset, length);
    this.spoil(offset, bytes);
    return bytes;
  }

  override async commit(piece: Parameters<MemoryTarget['commit']>[0]): Promise<void> {
    await super.commit(piece);
    this.isCommitted = true;
  }

  eject(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

function imageOf(version: number, compression: Compression = 'none'): string {
  const path = join(tmpFolder(), `${version}-${compression}`);
  writeFileSync(path, versionImage(version, compression));
  return path;
}

interface Written {
  readonly code: string | null;
  readonly outcomes: readonly Outcome[];
  /** Of the first stick, whenever something became of it. */
  readonly history: readonly Outcome[];
  readonly progress: readonly Progress[];
}

async function write(
  image: string,
  sticks: readonly Stick[],
  refresh: boolean | undefined = true,
): Promise<Written> {
  const progress: Progress[] = [];
  let outcomes: readonly Outcome[] = [];
  const history: Outcome[] = [];
  const outputs = sticks.map((stick, index) => ({
    ...({ kind: 'drive', allowFixed: false, eject: false, refresh } as const),
    identity: {
      ...{ path: `/dev/stick${index}`, serial: `${index}`, model: 'Stick', size: stick.size },
      ...{ transport: 'usb', deviceNumber: `8:${16 * index}`, generation: `${index}` },
    },
  }));
  const code = await build(
    {
      images: [{ path: image, ecuId: 'autoware', version: '1', releaseKey: null }],
      ...{ outputs, caDir: null, checkSignature: true, timestamp: 1_700_000_000 },
    },
    {
      signal: new AbortController().signal,
      onProgress: (now) => progress.push(now),
      openDrives: () => Promise.resolve(sticks),
      onOutcomes: (now) => {
        outcomes = now;
        history.push(...now.slice(0, 1));
      },
    },
  ).then(
    () => null,
    (error: unknown) => toErrorData(error).code,
  );
  return { code, outcomes, history, progress };
}

const written = new Map<number, Uint8Array>();

/** A stick with a version on it. */
async function stickWith(version: number): Promise<Stick> {
  let memory = written.get(version);
  if (memory === undefined) {
    const stick = new Stick();
    expect((await write(imageOf(version), [stick], undefined)).code).toBeNull();
    written.set(version, (memory = stick.memory));
  }
  return new Stick(new Uint8Array(memory));
}

function complaintOf({ memory }: Stick): string | null {
  const path = join(tmpFolder(), 'stick.img');
  writeFileSync(path, memory);
  return e2fsckComplaint(path);
}

describeNeeding([e2fsckTool], 'a stick that holds an older version', () => {
  test.each(['none', 'gzip'] as const)(
    'gets what is new, and all of it is proved (%s)',
    async (compression) => {
      const stick = await stickWith(0);
      const { code, outcomes, progress } = await write(imageOf(1, compression), [stick]);
      expect(code).toBeNull();
      const [outcome] = outcomes;
      expect(outcome).toMatchObject({
        state: 'done',
        verified: true,
        refresh: { kind: 'refreshed' },
      });
      const { refresh } = outcome ?? {};
      if (refresh?.kind !== 'refreshed') throw new Error('it was refreshed');
      // A fifth is another: what was new in the older version, and what is new in this one.
      expect(refresh.keptBytes).toBeGreaterThan(refresh.writtenBytes);
      expect(stick.written).toBeLessThan(refresh.writtenBytes + 2 * MIB);
      const writing = progress.filter(({ phase }) => phase === 'write');
      expect(writing.at(-1)).toMatchObject({
        bytesDone: refresh.writtenBytes,
        bytesTotal: refresh.writtenBytes,
      });
      for (const { bytesDone, bytesTotal } of writing)
        expect(bytesDone).toBeLessThanOrEqual(bytesTotal ?? 0);
      expect(complaintOf(stick)).toBeNull();
    },
  );

  test('is looked at in a phase of its own, and before it is changed the result is known', async () => {
    const { history, progress } = await write(imageOf(1), [await stickWith(0)]);
    const phases = new Set(progress.map(({ phase }) => phase));
    expect([...phases].join(' ')).toBe('inspect check look prepare write flush verify commit');
    const looking = history.filter(({ phase }) => phase === 'look');
    expect(looking.map(({ driveModified }) => driveModified)).not.toContain(true);
    expect(looking.at(0)?.refresh).toBeUndefined();
    expect(looking.at(-1)?.refresh).toMatchObject({ kind: 'refreshed' });
  });

  test('beside empty ones and one with another version: each gets what it lacks', async () => {
    const sticks = [await stickWith(0), new Stick(), await stickWith(2), await stickWith(1)];
    const { code, outcomes } = await write(imageOf(1), sticks);
    expect(code).toBeNull();
    expect(outcomes.map(({ verified, refresh }) => [verified, refresh?.kind])).toEqual([
      [true, 'refreshed'],
      [true, 'whole'],
      [true, 'refreshed'],
      [true, 'refreshed'],
    ]);
    for (const stick of sticks) expect(complaintOf(stick)).toBeNull();
    // The same files, wherever they are.
    const digests = await Promise.all(
      sticks.map(async ({ memory }) =>
        [...(await drivePlaces(memory))].map(([path, [, bytes]]) => [
          path,
          createHash('sha256').update(bytes).digest('hex'),
        ]),
      ),
    );
    for (const other of digests) expect(other.sort()).toEqual(digests[1]?.sort());
  });

  test('of which kept files are wrong: they are repaired from the image, and everything is read again', async () => {
    const stick = await stickWith(0);
    const places = await drivePlaces(stick.memory);
    const image = imageOf(1);
    const flips = [...places].filter(([path]) => path.startsWith('data/'));
    for (const [, [offset]] of flips) {
      const at = offset + 1234;
      stick.memory[at] = (stick.memory[at] ?? 0) ^ 4;
    }
    const { code, outcomes } = await write(image, [stick]);
    expect(code).toBeNull();
    expect(outcomes[0]).toMatchObject({
      verified: true,
      refresh: { kind: 'refreshed', keptBytes: 0 },
    });
    expect(complaintOf(stick)).toBeNull();
    for (const [path, [, bytes]] of await drivePlaces(stick.memory)) {
      if (!path.startsWith('data/') || path.endsWith('.zst')) continue;
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(path.slice('data/'.length));
    }
  });

  test('that spoils a kept file whenever it is read: it is not completed', async () => {
    const stick = await stickWith(0);
    const [, [place]] = [...(await drivePlaces(stick.memory))].find(([path]) =>
      path.startsWith('data/'),
    ) ?? ['', [0]];
    const image = imageOf(1);
    stick.spoil = (offset, bytes) => {
      for (const kept of [place])
        if (kept >= offset && kept < offset + bytes.length) bytes[kept - offset] = 0xee;
    };
    const { code } = await write(image, [stick]);
    expect([code, stick.isCommitted]).toEqual(['verify-failed', false]);
    expect(stick.memory.subarray(0, 4096).every((byte) => byte === 0)).toBe(true);
  });
});

/** What a refresh of the stick comes to; in any case it is complete afterwards. */
async function reasonOf(stick: Stick, version = 1): Promise<Outcome['refresh']> {
  const { code, outcomes } = await write(imageOf(version), [stick]);
  expect([code, outcomes[0]?.verified]).toEqual([null, true]);
  return outcomes[0]?.refresh;
}

describe('a stick is written as a whole', () => {
  test('when it is empty, or called something else', async () => {
    expect(await reasonOf(new Stick())).toEqual({ kind: 'whole', reason: 'not-ours' });
    expect(await reasonOf(new Stick(new Uint8Array(SIZE).fill(0x53)))).toEqual({
      ...{ kind: 'whole', reason: 'not-ours' },
    });
  });

  test('when its filesystem is damaged', async () => {
    const stick = await stickWith(0);
    // The label is covered by the checksum of the superblock.
    stick.memory[1024 + 0x78] = 0x41;
    expect(await reasonOf(stick)).toEqual({ kind: 'whole', reason: 'unsound' });
  });

  test.each([0, 3])('when read %i of the look at it fails', async (reads) => {
    const stick = await stickWith(0);
    stick.spoil = (offset) => {
      if (stick.reads !== reads + 1) return;
      const params = { drive: 'Stick', offset, reason: 'EIO' };
      throw builderError('drive-read-failed', params);
    };
    expect(await reasonOf(stick)).toEqual({ kind: 'whole', reason: 'unreadable' });
  });

  test('when most of it is new', async () => {
    const stick = new Stick();
    const other = makeImage({
      files: [{ path: '/a', content: seededBytes(77_000, 500_000) }],
    });
    const path = join(tmpFolder(), 'other');
    writeFileSync(path, packImage(other));
    expect((await write(path, [stick], undefined)).code).toBeNull();
    expect(await reasonOf(new Stick(stick.memory))).toEqual({
      kind: 'whole',
      reason: 'mostly-new',
    });
  });

  test('when nothing else is asked for: then it is not even read before', async () => {
    const stick = await stickWith(0);
    let early = 0;
    stick.spoil = (offset) =>
      (early += Number(!stick.isCommitted && stick.written === 0 && offset >= 0));
    const { outcomes } = await write(imageOf(1), [stick], false);
    expect([early, outcomes[0]?.refresh]).toEqual([0, undefined]);
  });
});

describeNeeding([e2fsckTool, mkfsTool], 'a stick that mkfs.ext4 made', () => {
  test.each([
    ['as ours are', ['-b', '4096'], 'refreshed'],
    [
      'without checksums and journal',
      ['-b', '4096', '-O', '^metadata_csum,^has_journal'],
      'refreshed',
    ],
    ['with blocks of 1 KiB', ['-b', '1024'], 'whole'],
    ['as ext3', ['-b', '4096', '-t', 'ext3'], 'whole'],
    ['with data in inodes', ['-b', '4096', '-O', 'inline_data'], 'whole'],
    ['with another label', ['-b', '4096', '-L', 'OTA_CACHE_SRC'], 'whole'],
  ] as const)('%s is never wrong', async (_, options, kind) => {
    const folder = tmpFolder();
    mkdirSync(join(folder, 'data'));
    for (const [path, [, bytes]] of await drivePlaces((await stickWith(0)).memory))
      if (path.startsWith('data/')) writeFileSync(join(folder, path), bytes);
    writeFileSync(join(folder, 'small'), 'text');
    const path = join(tmpFolder(), 'stick.img');
    const label = options.includes('-L' as never) ? [] : ['-L', 'ota_cache_src'];
    const size = String(SIZE / 1024);
    const made = run(mkfsTool, ['-q', '-F', '-d', folder, ...label, ...options, path, size]);
    expect(made.status, made.stderr).toBe(0);
    const stick = new Stick(new Uint8Array(readFileSync(path)));
    expect(await reasonOf(stick)).toMatchObject({ kind });
    expect(complaintOf(stick)).toBeNull();
  });
});

describeNeeding([e2fsckTool, debugfsTool], 'a hostile stick', () => {
  /** The stick after debugfs has changed it, which makes all checksums right. */
  async function changed(
    commands: (blobs: readonly string[]) => readonly string[],
  ): Promise<Stick> {
    const { memory } = await stickWith(0);
    const path = join(tmpFolder(), 'stick.img');
    writeFileSync(path, memory);
    const blobs = [...(await drivePlaces(memory)).keys()].filter(
      (name) => name.startsWith('data/') && !name.endsWith('.zst'),
    );
    for (const command of commands(blobs)) {
      const { stdout, stderr } = run(debugfsTool, ['-w', '-R', command, path]);
      expect(stdout + stderr.replace(/^debugfs [^\n]*\n/, '')).toBe('');
    }
    return new Stick(new Uint8Array(readFileSync(path)));
  }

  /** The first extent of an inode: its length, and its first block. */
  const [LENGTH, START] = ['block[4]', 'block[5]'];

  test.each([
    [
      'whose files share blocks',
      ([a, b]) => [`sif /${a} ${START} 2000`, `sif /${b} ${START} 2010`],
    ],
    ['of which a file lies in metadata', ([a]) => [`sif /${a} ${START} 2`]],
    ['of which a file lies in blocks that are free', ([a]) => [`sif /${a} ${START} 7000`]],
    ['of which a file lies beyond the end', ([a]) => [`sif /${a} ${START} 4000000`]],
    ['of which a file was never written', ([a]) => [`sif /${a} ${LENGTH} 0x8016`]],
    ['of which a directory contains itself', () => ['ln /data /data/loop']],
    [
      'of which a file has a second name that it does not count',
      ([a]) => [`ln /${a} /data/second`],
    ],
  ] as [string, (blobs: readonly string[]) => string[]][])(
    '%s is written as a whole',
    async (_, commands) => {
      const stick = await changed(commands);
      expect(await reasonOf(stick)).toEqual({ kind: 'whole', reason: 'unsound' });
      expect(complaintOf(stick)).toBeNull();
    },
  );

  test('of which a file has two names keeps neither', async () => {
    const plain = (await reasonOf(await stickWith(0))) as { keptBytes: number };
    const stick = await changed(([, , a]) => [`ln /${a} /data/second`, `sif /${a} links_count 2`]);
    const result = await reasonOf(stick);
    expect(result).toMatchObject({ kind: 'refreshed' });
    expect((result as { keptBytes: number }).keptBytes).toBeLessThan(plain.keptBytes);
    expect(complaintOf(stick)).toBeNull();
  });

  test('that would have to be read for ever is given up', async () => {
    const endless = {
      size: 2 ** 50,
      read: () => Promise.resolve(new Uint8Array()),
    };
    const reader = boundedReader(endless);
    for (let mebibytes = 0; mebibytes < 1024; mebibytes += 16) await reader.read(0, 16 * MIB);
    await expect(reader.read(0, 1)).rejects.toMatchObject({ data: { code: 'filesystem-limit' } });
  });
});
