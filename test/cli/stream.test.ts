import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeIdentity } from '../support/certificate.ts';
import { cli, listAll, put } from '../support/cli.ts';
import { makeImage, packImage, seededBytes, withContent } from '../support/image-factory.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding, testNeeding, tool } from '../support/tools.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.ts');
const PROGRAM = ['--disable-warning=ExperimentalWarning', CLI];
const ENV = { ...process.env, SOURCE_DATE_EPOCH: '1700000000', LC_ALL: 'C' };
const MAX_BUFFER = 64 * 1024 * 1024;
const tar = tool('tar');
const mkfifo = tool('mkfifo');
const sh = tool('sh');

/** Several chunks, so that the reader gets something while more is read. */
const LARGE = seededBytes(1, 12_000_000);
const shared = sharedTmpFolder();
const image = () => join(shared(), 'image.tar');
const corrupt = () => join(shared(), 'corrupt.tar');
const saved = () => join(shared(), 'saved.tar');

beforeAll(async () => {
  const files = [
    { path: '/a/small', content: seededBytes(2, 5000), compress: false },
    { path: '/b/large', content: LARGE, compress: false },
    { path: '/c/last', content: seededBytes(3, 700), compress: false },
  ];
  const members = makeImage({ files, identity: makeIdentity() });
  put(shared(), 'image.tar', packImage(members));
  const broken = withContent(members, 'data/c/last', (bytes) => Buffer.from(bytes).fill(1, 0, 1));
  put(shared(), 'corrupt.tar', packImage(broken));
  const { exit, stderr } = await cli(['--image', `p1:${image()}`, '-o', saved()], { env: ENV });
  expect(exit, stderr).toBe(0);
});

function program(args: readonly string[]) {
  const {
    status,
    stdout: bytes,
    stderr,
  } = spawnSync(process.execPath, [...PROGRAM, ...args], {
    ...{ env: ENV, maxBuffer: MAX_BUFFER, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  return { exit: status, bytes, stderr: stderr.toString() };
}

/** Of a real pipe, which Node gives no child: its “pipes” are sockets. */
function throughShell(command: string, ...args: readonly string[]) {
  const all = ['-c', command, 'sh', process.execPath, ...PROGRAM, ...args];
  const { status, stderr } = spawnSync(sh.path, all, { env: ENV, maxBuffer: MAX_BUFFER });
  return { exit: status, stderr: stderr.toString() };
}

describeNeeding([tar, sh], 'an archive on standard output', () => {
  test('is byte for byte the one in a file, through a socket and through a pipe', () => {
    const { exit, bytes, stderr } = program(['--image', `p1:${image()}`, '-o', '-']);
    expect(exit, stderr).toBe(0);
    expect(Buffer.compare(bytes, readFileSync(saved()))).toBe(0);
    expect(stderr).toContain('/dev/stdout');
    const out = join(tmpFolder(), 'piped.tar');
    const args = ['--image', `p1:${image()}`, '-o', '/dev/stdout'];
    const piped = throughShell(`"$@" | cat > '${out}'`, ...args);
    expect(piped.exit, piped.stderr).toBe(0);
    expect(Buffer.compare(readFileSync(out), readFileSync(saved()))).toBe(0);
    execFileSync(tar.path, ['-tf', out]);
  });

  test('goes behind what a file holds already', () => {
    const out = join(tmpFolder(), 'redirected.tar');
    const command = `{ printf before; "$@"; } > '${out}'`;
    const { exit, stderr } = throughShell(command, '--image', `p1:${image()}`, '-o', '-');
    expect(exit, stderr).toBe(0);
    const expected = Buffer.concat([Buffer.from('before'), readFileSync(saved())]);
    expect(Buffer.compare(readFileSync(out), expected)).toBe(0);
  });

  test('can be made beside a file', () => {
    const out = join(tmpFolder(), 'too.tar');
    const args = ['--image', `p1:${image()}`, '-o', '-', '-o', out];
    const { exit, bytes, stderr } = program(args);
    expect(exit, stderr).toBe(0);
    expect(Buffer.compare(bytes, readFileSync(out))).toBe(0);
  });

  test('has no end where a blob is not what its hash says, and the exit code tells', async () => {
    const { exit, bytes, stderr } = program(['--image', `p1:${corrupt()}`, '-o', '-']);
    expect(exit).toBe(1);
    expect(stderr).toContain('damaged');
    expect(bytes.length).toBeGreaterThan(0);
    // What came is the beginning of an archive, and nothing after it.
    const cut = put(tmpFolder(), 'cut.tar', bytes);
    expect(bytes.length).toBeLessThan(readFileSync(saved()).length - 1024);
    expect((await cli(['verify', cut])).exit).toBe(1);
    const right = await cli(['verify', saved()]);
    expect(right.exit, right.stderr).toBe(0);
  });

  test('whose reader ends first exits as other programs do then', () => {
    const out = join(tmpFolder(), 'exit');
    const command = `{ "$@"; echo $? > '${out}'; } | head -c 10 > /dev/null`;
    const { stderr } = throughShell(command, '--image', `p1:${image()}`, '-o', '-');
    expect(readFileSync(out, 'utf8')).toBe('141\n');
    expect(stderr).toContain('ended before all of it was written');
    expect(stderr).not.toMatch(/EPIPE|at .*\.ts:/);
  });

  testNeeding([mkfifo], 'whose reader stops to read can be interrupted', async () => {
    const path = pipe();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, 'w');
    const args = [...PROGRAM, '--image', `p1:${image()}`, '-o', '-'];
    const child = spawn(process.execPath, args, { env: ENV, stdio: ['ignore', writer, 'pipe'] });
    closeSync(writer);
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (!stderr.includes('Writing') && (stderr + text).includes('Writing')) child.kill('SIGINT');
      stderr += text;
    });
    const [exit] = (await once(child, 'close')) as [number | null];
    closeSync(reader);
    expect(exit, stderr).toBe(130);
  });
});

function pipe(): string {
  const path = join(tmpFolder(), 'pipe');
  execFileSync(mkfifo.path, [path]);
  return path;
}

describe('standard output for an archive', () => {
  test('is refused for another format, for --json, and on a terminal', async () => {
    const args = ['--image', `p1:${image()}`, '-o', '-'];
    for (const more of ['img', 'folder']) {
      const { exit, stdout, stderr } = await cli([...args, '--format', more]);
      expect([exit, stdout]).toEqual([22, '']);
      expect(stderr).toContain('takes a tar archive only');
    }
    const json = await cli([...args, '--json']);
    // Nothing of it may get into the archive.
    expect([json.exit, json.stdout]).toEqual([22, '']);
    expect(json.stderr).toContain('usage-stdout-json');
    const twice = await cli([...args, '-o', '/dev/stdout']);
    expect([twice.exit, twice.stdout]).toEqual([22, '']);
  });

  const script = tool('script');
  testNeeding([script], 'is refused on a terminal', () => {
    const command = [process.execPath, ...PROGRAM, '--image', `p1:${image()}`, '-o', '-'];
    const quoted = command.map((part) => `'${part}'`).join(' ');
    const { status, stdout } = spawnSync(script.path, ['-qec', quoted, '/dev/null'], {
      ...{ env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    });
    expect(status, stdout).toBe(22);
    expect(stdout).toContain('not written to a terminal');
  });
});

describeNeeding([mkfifo, sh], 'a named pipe', () => {
  test('gets the archive when a reader comes', async () => {
    const path = pipe();
    const building = cli(['--image', `p1:${image()}`, '-o', path], { env: ENV });
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(path)) chunks.push(chunk as Buffer);
    const { exit, stderr } = await building;
    expect(exit, stderr).toBe(0);
    expect(Buffer.compare(Buffer.concat(chunks), readFileSync(saved()))).toBe(0);
    expect(listAll(join(path, '..'))).toEqual(['pipe']);
  });

  test('gets the end of the archive when the files beside it are complete', async () => {
    const path = pipe();
    const out = join(tmpFolder(), 'x.tar');
    const args = ['--json', '--image', `p1:${image()}`, '-o', path, '-o', out];
    const building = cli(args, { env: ENV });
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(path)) {
      chunks.push(chunk as Buffer);
      put(join(out, '..'), 'x.tar', 'precious');
    }
    expect(await building).toMatchObject({ exit: 22, code: 'output-exists' });
    const [bytes, whole] = [Buffer.concat(chunks), readFileSync(saved())];
    expect(Buffer.compare(bytes, whole.subarray(0, bytes.length))).toBe(0);
    const missing = whole.subarray(bytes.length);
    expect(missing.length).toBeGreaterThanOrEqual(1024);
    expect(missing.every((byte) => byte === 0)).toBe(true);
  });

  test('without a name of its own gets the archive, too', () => {
    const out = join(tmpFolder(), 'piped.tar');
    const command = `{ "$@" 3>&1 >'${out}.texts'; } | cat > '${out}'`;
    const args = ['--image', `p1:${image()}`, '-o', '/dev/fd/3'];
    const { exit, stderr } = throughShell(command, ...args);
    expect(exit, stderr).toBe(0);
    expect(Buffer.compare(readFileSync(out), readFileSync(saved()))).toBe(0);
  });

  test('without a reader can be cancelled', async () => {
    const path = pipe();
    const stop = new AbortController();
    const { exit } = await cli(
      ['--json', '--image', `p1:${image()}`, '-o', path, '--format', 'tar'],
      {
        signal: stop.signal,
        onEvent: (event) => {
          if (event.kind === 'progress' && event.progress.phase === 'inspect')
            setImmediate(() => stop.abort());
        },
      },
    );
    expect(exit).toBe(130);
    expect(listAll(join(path, '..'))).toEqual(['pipe']);
  });

  test('whose reader ends first is reported', async () => {
    const path = pipe();
    const args = ['--json', '--image', `p1:${image()}`, '-o', path, '--format', 'tar'];
    const building = cli(args, { env: ENV });
    const reader = createReadStream(path);
    await once(reader, 'data');
    reader.destroy();
    expect(await building).toMatchObject({ exit: 141, code: 'stream-unread' });
  });

  test('takes no image file and no folder', async () => {
    const path = pipe();
    for (const format of ['img', 'folder']) {
      const args = ['--json', '--image', `p1:${image()}`, '-o', path, '--format', format];
      expect(await cli(args)).toMatchObject({ exit: 22, code: 'usage-stream-kind' });
    }
  });
});

test.runIf(process.platform === 'linux')('a device is refused, and -w named', async () => {
  const args = ['--image', `p1:/not/read`, '-o', '/dev/null'];
  for (const more of [[], ['--format', 'tar'], ['--format', 'img']]) {
    const { exit, stderr } = await cli([...args, ...more]);
    expect(exit).toBe(22);
    expect(stderr).toContain('/dev/null is a device');
    expect(stderr).toContain('-w');
  }
});
