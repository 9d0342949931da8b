import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from './support/tmp.ts';

const ROOT = join(import.meta.dirname, '..');

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/**
 * What `npm run layers` says of a project in which `imports` are all there is: of each file what it imports,
 * for its types alone where `type ` precedes it.
 */
async function violations(imports: Readonly<Record<string, readonly string[]>>): Promise<string[]> {
  const folder = tmpFolder();
  const own = Object.values(imports)
    .flat()
    .map((to) => to.replace(/^type /, ''))
    .filter((path) => path.includes('/'));
  for (const path of new Set([...own, ...Object.keys(imports)])) {
    const lines = (imports[path] ?? []).map((to) => {
      const up = '../'.repeat(path.split('/').length - 1);
      const [, type, name = ''] = /^(type )?(.*)$/.exec(to) ?? [];
      const from = name.includes('/') ? up + name : name;
      return type === undefined ? `import '${from}';` : `export type { A } from '${from}';`;
    });
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${lines.join('\n')}\nexport {};\n`);
  }
  const program = join(ROOT, 'node_modules/.bin/depcruise');
  const options = ['--config', join(ROOT, '.dependency-cruiser.js'), '--output-type', 'json', '.'];
  const output = await new Promise<string>((resolve, reject) =>
    execFile(program, options, { cwd: folder }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    }),
  );
  const { summary } = JSON.parse(output) as { summary: { violations: Violation[] } };
  return summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`).sort();
}

test('imports against the direction fail', async () => {
  const found = await violations({
    'src/shared/a.ts': ['src/main/engine/a.ts', 'node:fs'],
    'src/renderer/a.tsx': ['src/main/ipc/a.ts'],
    'src/main/engine/b.ts': ['src/main/jobs/a.ts', 'electron', 'node:child_process', 'node:fs'],
    'src/main/jobs/b.ts': ['src/main/cli/a.ts', 'src/main/drives/a.ts'],
    'src/main/drives/b.ts': ['src/main/elevation/a.ts'],
    'src/main/writer/b.ts': ['src/main/engine/a.ts'],
    'src/main/elevation/b.ts': ['src/main/writer/open-target.ts', 'src/main/engine/emit/a.ts'],
    'src/main/cli/b.ts': ['src/main/ipc/a.ts', 'src/main/writer/channel.ts', 'node:child_process'],
    'src/main/ipc/b.ts': ['src/main/app/a.ts'],
    'src/main/preload.ts': ['src/main/ipc/a.ts'],
    'src/main/store/b.ts': ['test/support/a.ts'],
    'src/main/engine/c.ts': ['src/main/engine/d.ts'],
    'src/main/engine/d.ts': ['src/main/engine/c.ts'],
  });
  expect(new Set(found)).toEqual(
    new Set([
      'shared-imports: src/shared/a.ts → src/main/engine/a.ts',
      'no-node-in-pages: src/shared/a.ts → fs',
      'renderer-imports: src/renderer/a.tsx → src/main/ipc/a.ts',
      'engine-imports: src/main/engine/b.ts → src/main/jobs/a.ts',
      'electron-in-the-app-only: src/main/engine/b.ts → electron',
      'processes-at-the-edge-only: src/main/engine/b.ts → child_process',
      'jobs-imports: src/main/jobs/b.ts → src/main/cli/a.ts',
      'jobs-imports: src/main/jobs/b.ts → src/main/drives/a.ts',
      'drives-imports: src/main/drives/b.ts → src/main/elevation/a.ts',
      'writer-imports: src/main/writer/b.ts → src/main/engine/a.ts',
      'elevation-imports: src/main/elevation/b.ts → src/main/writer/open-target.ts',
      'elevation-imports: src/main/elevation/b.ts → src/main/engine/emit/a.ts',
      'cli-imports: src/main/cli/b.ts → src/main/ipc/a.ts',
      'cli-imports: src/main/cli/b.ts → src/main/writer/channel.ts',
      'processes-at-the-edge-only: src/main/cli/b.ts → child_process',
      'ipc-imports: src/main/ipc/b.ts → src/main/app/a.ts',
      'preload-imports: src/main/preload.ts → src/main/ipc/a.ts',
      'store-imports: src/main/store/b.ts → test/support/a.ts',
      'no-test-code-in-the-product: src/main/store/b.ts → test/support/a.ts',
      'no-cycles: src/main/engine/c.ts → src/main/engine/d.ts',
      'people-files-by-one-way: src/main/engine/b.ts → fs',
    ]),
  );
});

test('an upward import inside the engine fails', async () => {
  const found = await violations({
    'src/main/engine/content/a.ts': ['src/main/engine/plan/a.ts'],
    'src/main/engine/archive/a.ts': ['type src/main/engine/finished/a.ts'],
    'src/main/engine/event-loop.ts': ['src/main/engine/content/a.ts'],
    'src/main/engine/cellar/a.ts': ['src/main/engine/event-loop.ts'],
  });
  expect(found).toEqual([
    'engine-archive-imports: src/main/engine/archive/a.ts → src/main/engine/finished/a.ts',
    'engine-basics-imports: src/main/engine/event-loop.ts → src/main/engine/content/a.ts',
    'engine-content-imports: src/main/engine/content/a.ts → src/main/engine/plan/a.ts',
    'engine-rooms-are-listed: src/main/engine/cellar/a.ts → src/main/engine/event-loop.ts',
  ]);
});

test('a cycle fails, also one of types alone', async () => {
  const cycle = (type: string) => ({
    'src/main/engine/codec/a.ts': [`${type}src/main/engine/codec/b.ts`],
    'src/main/engine/codec/b.ts': [`${type}src/main/engine/codec/a.ts`],
  });
  const expected = ['no-cycles: src/main/engine/codec/a.ts → src/main/engine/codec/b.ts'];
  expect(await violations(cycle(''))).toEqual(expected);
  expect(await violations(cycle('type '))).toEqual(expected);
});

test('a prover that reaches a maker fails, and a maker that reaches a prover', async () => {
  const found = await violations({
    'src/main/engine/verify/a.ts': ['src/main/engine/ext4/layout/a.ts'],
    'src/main/engine/ext4/layout/b.ts': ['src/main/engine/ext4/reader/a.ts'],
    'src/main/engine/finished/a.ts': ['src/main/engine/archive/a.ts'],
    'src/main/engine/archive/a.ts': ['src/main/engine/emit/a.ts'],
  });
  expect(found.filter((line) => !line.startsWith('engine-'))).toEqual([
    'readers-know-no-writer: src/main/engine/finished/a.ts → src/main/engine/emit/a.ts',
    'readers-know-no-writer: src/main/engine/verify/a.ts → src/main/engine/ext4/layout/a.ts',
    'writers-know-no-reader: src/main/engine/ext4/layout/b.ts → src/main/engine/ext4/reader/a.ts',
  ]);
});

test('imports in the direction pass', async () => {
  const found = await violations({
    'src/renderer/a.tsx': ['src/shared/a.ts'],
    'src/main/files/a.ts': ['node:fs'],
    'src/main/engine/a.ts': ['src/shared/a.ts', 'src/main/files/a.ts'],
    'src/main/engine/b.ts': ['type node:fs'],
    'src/main/engine/verify/a.ts': [
      'src/main/engine/finished/a.ts',
      'src/main/engine/inspect/a.ts',
    ],
    'src/main/engine/finished/a.ts': ['src/main/engine/ext4/reader/a.ts'],
    'src/main/engine/emit/a.ts': ['src/main/engine/plan/a.ts', 'type src/main/engine/content/a.ts'],
    'src/main/jobs/a.ts': ['src/main/engine/a.ts'],
    'src/main/drives/a.ts': ['src/shared/a.ts', 'node:child_process'],
    'src/main/writer/main.ts': ['src/main/drives/a.ts', 'src/shared/a.ts'],
    'src/main/elevation/a.ts': ['src/main/writer/channel.ts', 'src/main/engine/target/target.ts'],
    'src/main/cli/a.ts': ['src/main/jobs/a.ts', 'src/main/drives/a.ts', 'src/main/elevation/a.ts'],
    'src/main/ipc/a.ts': ['src/main/jobs/a.ts', 'src/main/drives/a.ts', 'src/main/elevation/a.ts'],
    'src/main/index.ts': ['src/main/ipc/a.ts', 'electron'],
    'src/main/engine/a.test.ts': ['test/support/a.ts', 'src/main/jobs/a.ts', 'node:child_process'],
  });
  expect(found).toEqual([]);
});
