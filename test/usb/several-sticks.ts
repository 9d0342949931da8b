import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundleProgram } from '../../scripts/bundle-program.ts';
import type { CliEvent } from '../support/cli.ts';
import { makeImage, packImage, seededBytes, sha256 } from '../support/image-factory.ts';
import { LABEL, labelOf } from '../support/stick-image.ts';
import { tmpFolder } from '../support/tmp.ts';
import type { Faults, LoggedRequest, NbdServer } from './nbd-server.ts';
import type { PluggedStick, StickOptions, Vm } from './vm.ts';

const MIB = 1024 * 1024;
const STICK = 64 * MIB;
const NIGHTLY = process.env['NIGHTLY'] === '1';

/** For hangs alone: an emulated machine on a busy one is slow. Seconds. */
const RUN_LIMIT = 900;
const TEST_LIMIT = RUN_LIMIT * 1000 + 100_000;

const LARGE = seededBytes(31, 16 * MIB);

/** What the tests need of the machine that they share with others. */
export interface Machine {
  readonly vm: () => Vm;
  /** On the host; the guest sees it as /job. */
  readonly folder: () => string;
  readonly plug: (options: Partial<StickOptions>) => Promise<PluggedStick>;
  readonly pathOf: (serial: string) => Promise<string>;
}

/** A stick and its name in the guest. */
interface NamedStick extends PluggedStick {
  readonly path: string;
}

interface Harm {
  readonly title: string;
  /** Of the stick that is harmed. */
  readonly code: string;
  readonly faults?: Faults;
  /** The first request for which it says yes has the stick pulled out. */
  readonly pullAt?: (request: LoggedRequest, server: NbdServer) => boolean;
  /** Part of every run; all others are nightly. */
  readonly always?: true;
}

const reads = (server: NbdServer): number => {
  const flush = server.log.findLastIndex(({ kind }) => kind === 'flush');
  return server.log.slice(flush).reduce((sum, r) => sum + (r.kind === 'read' ? r.length : 0), 0);
};
const hasAll = (server: NbdServer): boolean => server.written > LARGE.length;
const pulled = (
  when: string,
  pullAt: NonNullable<Harm['pullAt']>,
  more: Partial<Harm> = {},
): Harm => ({ ...{ title: `is pulled out ${when}`, code: 'drive-unplugged', pullAt }, ...more });
const atByte = (at: number) => ({ from: at, to: at + 512 });

/** The stick in the middle is harmed; those beside it must be right. */
const HARMS: readonly Harm[] = [
  pulled('at the first write', ({ kind }) => kind === 'write'),
  ...[1, 4, 7, 10, 13, 16].map((mebibytes) =>
    pulled(
      `after ${String(mebibytes)} MiB`,
      ({ kind }, { written }) => kind === 'write' && written > mebibytes * MIB,
      mebibytes === 7 ? { always: true } : {},
    ),
  ),
  pulled('when it is flushed', ({ kind }, server) => kind === 'flush' && hasAll(server)),
  pulled('as it is read back', (_, server) => hasAll(server) && reads(server) > MIB),
  pulled('late as it is read back', (_, server) => hasAll(server) && reads(server) > 12 * MIB),
  {
    title: 'cannot write a sector',
    code: 'drive-write-failed',
    faults: { errors: { on: 'write', ...atByte(9 * MIB) } },
  },
  {
    title: 'cannot read a sector',
    code: 'drive-read-failed',
    faults: { errors: { on: 'read', ...atByte(9 * MIB) } },
  },
  {
    title: 'flips a bit',
    code: 'verify-failed',
    faults: { flip: 9 * MIB + 12_345 },
    always: true,
  },
  {
    title: 'holds less than it says',
    code: 'drive-counterfeit',
    faults: { wrapAt: 32 * MIB },
  },
];

/** Several sticks in one run of the command line, in the machine of usb.test.ts. */
export function describeSeveralSticks(machine: Machine): void {
  const { vm } = machine;
  describe('of several sticks in one run', () => {
    /** Every byte of a stick that was written alone. */
    let alone: Buffer;

    beforeAll(() => installCommandLine(machine.folder()));

    test(
      'written alone it has every file',
      async () => {
        const [stick] = (await plugAll(machine, 1)) as [NamedStick];
        const { exit, text } = await build(vm(), [stick]);
        expect(exit, text).toBe(0);
        const mounted = `mkdir -p /mnt/s && mount -o ro ${stick.path} /mnt/s && sha256sum /mnt/s/data/${sha256(LARGE)}; umount /mnt/s`;
        const { output } = await vm().ask({
          do: 'shell',
          command: `e2fsck -fn ${stick.path} && ${mounted}`,
        });
        expect(output).toContain(`${sha256(LARGE)}  /mnt/s/data/`);
        alone = Buffer.from(stick.server.memory);
      },
      TEST_LIMIT,
    );

    test.each(HARMS.filter(({ always }) => NIGHTLY || always === true))(
      'one of three $title: it ends with $code, and the others are complete',
      async ({ code, faults = {}, pullAt }) => {
        const sticks = await plugAll(machine, 3);
        const [left, bad, right] = sticks as [NamedStick, NamedStick, NamedStick];
        // What udev asked for when it came is no part of the run.
        bad.server.log.length = 0;
        bad.server.faults = faults;
        if (pullAt !== undefined) pullOnce(vm(), bad, pullAt);
        const { exit, last, text } = await build(vm(), sticks);
        expect(exit, text).toBe(1);
        expect(last, text).toMatchObject({
          kind: 'done',
          result: {
            outcomes: [
              { state: 'done', verified: true },
              { state: 'failed', error: { code } },
              { state: 'done', verified: true },
            ],
          },
        });
        for (const { server } of [left, right])
          expect(Buffer.compare(server.memory, alone)).toBe(0);
        expect(labelOn(bad.server)).not.toBe(LABEL);
        await expectNoWriters(vm());
      },
      TEST_LIMIT,
    );
  });
}

/** Bundled: an emulated processor would take half a minute to load its three hundred modules. */
async function installCommandLine(folder: string): Promise<void> {
  const main = join(folder, 'main');
  const native = ['zstd-napi', 'node-liblzma'];
  await bundleProgram('src/main/cli/main.ts', main, 'cli', native);
  await bundleProgram('src/main/engine/pool/worker.ts', main, 'worker', native);
  writeFileSync(join(main, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(main, 'worker.js'), "import './worker.mjs';\n");
  symlinkSync('/repo/node_modules', join(folder, 'node_modules'));
  const files = [
    { path: '/usr/large', content: LARGE, compress: false },
    { path: '/usr/text', content: seededBytes(32, 90_000, 'text'), compress: true },
  ];
  writeFileSync(join(folder, 'image.tar'), packImage(makeImage({ files })));
}

async function plugAll({ plug, pathOf }: Machine, count: number): Promise<NamedStick[]> {
  const sticks: PluggedStick[] = [];
  for (let i = 0; i < count; i++) sticks.push(await plug({ size: STICK }));
  const named: NamedStick[] = [];
  for (const stick of sticks) named.push({ ...stick, path: await pathOf(stick.serial) });
  return named;
}

function pullOnce(vm: Vm, { server, serial }: PluggedStick, when: NonNullable<Harm['pullAt']>) {
  let done = false;
  server.onRequest = (request) => {
    if (done || !when(request, server)) return;
    done = true;
    void vm.unplug(serial);
  };
  onTestFinished(() => expect(done).toBe(true));
}

interface Ended {
  readonly exit: number;
  readonly last: CliEvent | undefined;
  /** The end of what it printed. */
  readonly text: string;
}

/** Writes the image to the sticks, as root. */
async function build(vm: Vm, sticks: readonly NamedStick[]): Promise<Ended> {
  const { code, output } = await vm.ask(
    {
      do: 'shell',
      command: [
        'cd /tmp && SOURCE_DATE_EPOCH=1700000000 NODE_COMPILE_CACHE=/tmp/compiled',
        'node --disable-warning=ExperimentalWarning /job/main/cli.mjs --json --no-eject',
        `--image p1:/job/image.tar ${sticks.map(({ path }) => `-w ${path}`).join(' ')}`,
        '--confirm-write-to',
      ].join(' '),
      seconds: RUN_LIMIT,
    },
    undefined,
    RUN_LIMIT * 1000,
  );
  const events = output.split('\n').filter((line) => line.startsWith('{"'));
  const last = events.map((line) => JSON.parse(line) as CliEvent).findLast(isEnd);
  return { exit: code, last, text: output.slice(-3000) };
}

const isEnd = ({ kind }: CliEvent): boolean => kind === 'done' || kind === 'failed';

/** A writer ends at once, but not before a request that its stick has not answered. */
async function expectNoWriters(vm: Vm): Promise<void> {
  const find = String.raw`pgrep -af 'writer/([l]auncher|[w]riter|[m]ain)\.(mjs|ts)'`;
  const { output } = await vm.ask({
    do: 'shell',
    command: `for i in $(seq 600); do ${find} > /dev/null || break; sleep 0.1; done; ${find} || true`,
    seconds: 90,
  });
  expect(output).toBe('');
}

function labelOn({ memory }: NbdServer): string {
  const file = join(tmpFolder(), 'medium');
  writeFileSync(file, memory);
  return labelOf(file);
}
