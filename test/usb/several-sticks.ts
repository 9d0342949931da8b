import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { CliEvent } from '../support/cli.ts';
import { makeImage, packImage, seededBytes, sha256 } from '../support/image-factory.ts';
import { LABEL, labelOf } from '../support/stick-image.ts';
import { tmpFolder } from '../support/tmp.ts';
import type { Faults, LoggedRequest, NbdServer } from './nbd-server.ts';
import type { PluggedStick, StickOptions, Vm } from './vm.ts';

const MIB = 1024 * 1024;
const STICK = 64 * MIB;

/** For hangs alone: an emulated machine on a busy one loads the command line for minutes. Seconds. */
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

const pulled = (
  when: string,
  pullAt: NonNullable<Harm['pullAt']>,
  more: Partial<Harm> = {},
): Harm => ({ ...{ title: `is pulled out ${when}`, code: 'drive-unplugged', pullAt }, ...more });
const atByte = (at: number) => ({ from: at, to: at + 512 });

/** The stick in the middle is harmed; those beside it must be right. */
const HARMS: readonly Harm[] = [
  ...[1, 4, 7, 10, 13, 16].map((mebibytes) =>
    pulled(
      `after ${String(mebibytes)} MiB`,
      ({ kind }, { written }) => kind === 'write' && written > mebibytes * MIB,
      mebibytes === 7 ? { always: true } : {},
    ),
  ),
  {
    title: 'cannot write a sector',
    code: 'drive-write-failed',
    faults: { errors: { on: 'write', ...atByte(9 * MIB) } },
  },
];

/** Three sticks in one run of the command line, in the machine of usb.test.ts. */
export function describeSeveralSticks({ vm, folder, plug, pathOf }: Machine): void {
  describe('of three sticks in one run', () => {
    /** Every byte of a stick that was written alone. */
    let alone: Buffer;

    beforeAll(() => {
      const files = [
        { path: '/usr/large', content: LARGE, compress: false },
        { path: '/usr/text', content: seededBytes(32, 90_000, 'text'), compress: true },
      ];
      writeFileSync(join(folder(), 'image.tar'), packImage(makeImage({ files })));
    });

    test(
      'written alone it has every file',
      async () => {
        const stick = await plug({ size: STICK });
        const path = await pathOf(stick.serial);
        const { exit, text } = await build([path]);
        expect(exit, text).toBe(0);
        const mounted = `mkdir -p /mnt/s && mount -o ro ${path} /mnt/s && sha256sum /mnt/s/data/${sha256(LARGE)}; umount /mnt/s`;
        const { output } = await vm().ask({
          do: 'shell',
          command: `e2fsck -fn ${path} && ${mounted}`,
        });
        expect(output).toContain(`${sha256(LARGE)}  /mnt/s/data/`);
        alone = Buffer.from(stick.server.memory);
      },
      TEST_LIMIT,
    );

    const nightly = process.env['NIGHTLY'] === '1';
    test.each(HARMS.filter(({ always }) => nightly || always === true))(
      'one $title: it ends with $code, and the others are complete',
      async ({ code, faults = {}, pullAt }) => {
        const sticks: PluggedStick[] = [];
        for (let count = 0; count < 3; count++) sticks.push(await plug({ size: STICK }));
        const [left, bad, right] = sticks as [PluggedStick, PluggedStick, PluggedStick];
        const paths = [];
        for (const { serial } of sticks) paths.push(await pathOf(serial));
        // What udev asked for when it came is no part of the run.
        bad.server.log.length = 0;
        bad.server.faults = faults;
        if (pullAt !== undefined) pullOnce(bad, pullAt);
        const { exit, last, text } = await build(paths);
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
        const { output } = await vm().ask({
          do: 'shell',
          command: String.raw`pgrep -af 'writer/([l]auncher|[w]riter|[m]ain)\.(mjs|ts)' || true`,
        });
        expect(output).toBe('');
      },
      TEST_LIMIT,
    );

    function pullOnce(stick: PluggedStick, when: NonNullable<Harm['pullAt']>): void {
      let done = false;
      stick.server.onRequest = (request) => {
        if (done || !when(request, stick.server)) return;
        done = true;
        void vm().unplug(stick.serial);
      };
      onTestFinished(() => expect(done).toBe(true));
    }

    async function build(
      paths: readonly string[],
    ): Promise<{ exit: number; last: CliEvent | undefined; text: string }> {
      const { code, output } = await vm().ask(
        {
          do: 'shell',
          command: [
            'cd /tmp && SOURCE_DATE_EPOCH=1700000000 NODE_COMPILE_CACHE=/tmp/compiled',
            'node --disable-warning=ExperimentalWarning /repo/src/main/cli/main.ts --json --no-eject',
            `--image p1:/job/image.tar ${paths.map((path) => `-w ${path}`).join(' ')}`,
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
  });
}

const isEnd = ({ kind }: CliEvent): boolean => kind === 'done' || kind === 'failed';

function labelOn({ memory }: NbdServer): string {
  const file = join(tmpFolder(), 'medium');
  writeFileSync(file, memory);
  return labelOf(file);
}
