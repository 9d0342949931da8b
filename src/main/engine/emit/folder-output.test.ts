import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { listAll } from '../../../../test/support/cli.ts';
import { seededBytes, sha256 } from '../../../../test/support/image-factory.ts';
import { sabotageFiles } from '../../../../test/support/sabotage.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import type { BuildPlan } from '../plan/build-plan.ts';
import { FolderOutput } from './folder-output.ts';

function planOf(contents: readonly Uint8Array[]): BuildPlan {
  return {
    manifest: {
      schema_version: 1,
      image_layout_version: 1,
      build_timestamp: 0,
      data_size: 0,
      data_files_num: 0,
      meta_size: 0,
      image_meta: [],
    },
    timestamp: 0,
    directories: ['data', 'meta', 'meta/0'],
    inputs: [],
    files: contents.map((bytes, i) => ({
      path: `${i % 3 === 0 ? 'meta/0' : 'data'}/file ${i}`,
      size: bytes.length,
      source: { kind: 'bytes', bytes },
      contentDigest: { sha256: sha256(bytes), of: 'plain' },
    })),
  };
}

test('any files in any pieces come out whole, under the name that they get last', async () => {
  const sizes = fc.array(fc.oneof(fc.constant(0), fc.nat(5000)), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 3000 }), async (all, piece) => {
      const folder = tmpFolder();
      const contents = all.map((size, i) => seededBytes(i, size));
      const plan = planOf(contents);
      const output = new FolderOutput(join(folder, 'out'), plan);
      await output.prepare();
      for (const [fileIndex, bytes] of contents.entries())
        for (let from = 0; from < bytes.length; from += piece)
          await output.accept(fileIndex, from, bytes.subarray(from, from + piece));
      await output.finish();
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.out\..*\.partial$/)]);
      await output.commit();
      await output.close();
      expect(readdirSync(folder)).toEqual(['out']);
      for (const [i, { path }] of plan.files.entries())
        expect(
          readFileSync(join(folder, 'out', path)).equals(contents[i] ?? Buffer.from('no')),
        ).toBe(true);
      expect(listAll(join(folder, 'out')).length).toBe(contents.length + 3);
    }),
    { seed: 20_260_112, numRuns: 20 },
  );
});

test('a file whose writing or syncing fails is reported, and nothing is left', async () => {
  onTestFinished(() => void vi.restoreAllMocks());
  for (const how of ['write', 'flush'] as const) {
    const folder = tmpFolder();
    const output = new FolderOutput(join(folder, 'out'), planOf([Buffer.alloc(1000, 1)]));
    await output.prepare();
    await sabotageFiles(how);
    const work = async () => {
      await output.accept(0, 0, Buffer.alloc(1000, 1));
      await output.finish();
      await output.commit();
    };
    await expect(work()).rejects.toMatchObject({ code: 'output-write-failed' });
    await output.close();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('files are whole where the disk takes some bytes at a time', async () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const path = join(tmpFolder(), 'out');
  const bytes = seededBytes(1, 100_000);
  const output = new FolderOutput(path, planOf([bytes]));
  await sabotageFiles('short writes');
  await output.prepare();
  await output.accept(0, 0, bytes);
  await output.finish();
  await output.commit();
  await output.close();
  expect(readFileSync(join(path, 'meta/0/file 0')).equals(bytes)).toBe(true);
});

test('without a commit nothing is left, also in the middle of a file', async () => {
  const folder = tmpFolder();
  const output = new FolderOutput(join(folder, 'out'), planOf([Buffer.alloc(1000, 1)]));
  await output.prepare();
  await output.accept(0, 0, Buffer.alloc(10, 1));
  await output.close();
  expect(readdirSync(folder)).toEqual([]);
});

describe('in a folder that exists', () => {
  async function finished(): Promise<{ path: string; hidden: string; output: FolderOutput }> {
    const path = tmpFolder();
    const contents = [Buffer.alloc(9, 1), Buffer.alloc(9, 2)];
    const plan = planOf(contents);
    const files = plan.files.map((file, i) =>
      i === 0 ? { ...file, path: 'manifest.json' } : file,
    );
    const output = new FolderOutput(path, { ...plan, files });
    await output.prepare();
    for (const [fileIndex, bytes] of contents.entries()) await output.accept(fileIndex, 0, bytes);
    await output.finish();
    const [hidden = '', ...more] = readdirSync(path);
    expect([hidden.endsWith('.partial'), more]).toEqual([true, []]);
    return { path, hidden, output };
  }

  test.runIf(process.platform === 'linux')('the manifest appears last', async () => {
    const { path, output } = await finished();
    const appeared: string[] = [];
    const watcher = watch(path, (_, name) => appeared.push(name ?? ''));
    onTestFinished(() => watcher.close());
    await output.commit();
    await output.close();
    await vi.waitFor(() => {
      expect(appeared).toContain('manifest.json');
    });
    expect(appeared.filter((name) => !name.startsWith('.'))).toEqual(
      expect.arrayContaining(['data', 'meta', 'manifest.json']),
    );
    expect(appeared.filter((name) => !name.startsWith('.')).at(-1)).toBe('manifest.json');
    expect(readdirSync(path).sort()).toEqual(['data', 'manifest.json', 'meta']);
  });

  test('nothing stays when the manifest cannot be moved', async () => {
    const { path, hidden, output } = await finished();
    rmSync(join(path, hidden, 'manifest.json'));
    await expect(output.commit()).rejects.toMatchObject({ code: 'output-folder-missing' });
    await output.close();
    expect(readdirSync(path)).toEqual([]);
  });

  test('what somebody puts there meanwhile stays, and nothing else', async () => {
    const { path, output } = await finished();
    writeFileSync(join(path, 'new'), 'precious');
    await expect(output.commit()).rejects.toMatchObject({ code: 'output-exists' });
    await output.close();
    expect(readdirSync(path)).toEqual(['new']);
  });
});

test('an empty folder becomes the output; one that got content meanwhile does not', async () => {
  const folder = tmpFolder();
  const path = join(folder, 'out');
  mkdirSync(path);
  const output = new FolderOutput(path, planOf([]));
  await output.prepare();
  await output.finish();
  writeFileSync(join(path, 'new'), 'precious');
  await expect(output.commit()).rejects.toMatchObject({ code: 'output-exists' });
  await output.close();
  expect(listAll(folder)).toEqual(['out', 'out/new']);
});
