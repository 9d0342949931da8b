import { chmodSync, cpSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundleProgram } from '../../scripts/bundle-program.ts';
import { judgeDrive } from '../../src/shared/drive-verdict.ts';
import type { Drive } from '../../src/shared/model/drive.ts';
import { sharedConnections } from '../../src/shared/model/usb-connection.ts';
import { bundledPrograms } from '../support/bundled-programs.ts';
import { LABEL, labelOf, makeStickImage } from '../support/stick-image.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsRoot, tool } from '../support/tools.ts';
import { buildVm } from './build-vm.ts';
import type { AsUser, WriteRequest, WriteResult } from './guest/protocol.ts';
import { describeSeveralSticks } from './several-sticks.ts';
import { writePhase, timeOnSlowStick } from './slow-stick.ts';
import type { Faults, NbdServer } from './nbd-server.ts';
import { Vm, type PluggedStick, type StickOptions } from './vm.ts';

const MIB = 1024 * 1024;

/** Of the filesystem that is written; the sticks are larger. */
const IMAGE = 24 * MIB;
const STICK = 96 * MIB;

/** Two of the places; all of them in the nightly sweep. */
const some = (places: readonly number[]): readonly number[] =>
  process.env['NIGHTLY'] === '1' ? places : places.slice(0, 2);

const GUEST_PROGRAMS = ['agent', 'write-as-user', 'sudo-prompt-host'];

const NEEDED = [
  needsRoot,
  ...['qemu-system-x86_64', 'mmdebstrap', 'cpio', 'depmod', 'xz', 'mke2fs', 'debugfs'].map(tool),
];

describeNeeding(NEEDED, 'a machine with real USB', () => {
  const shared = sharedTmpFolder();
  let vm: Vm;
  let image: Uint8Array;
  let sticks = 0;

  beforeAll(async () => {
    const folder = shared();
    // The guest's ordinary user must be able to read it too.
    chmodSync(folder, 0o755);
    image = makeStickImage(folder, IMAGE, 16 * MIB);
    cpSync(bundledPrograms(), join(folder, 'writer'), { recursive: true });
    for (const name of GUEST_PROGRAMS)
      await bundleProgram(`test/usb/guest/${name}.ts`, join(folder, 'guest'), name);
    writeFileSync(join(folder, 'sd.img'), '');
    truncateSync(join(folder, 'sd.img'), 64 * MIB);
    vm = await Vm.start(buildVm(), folder);
  }, 600_000);

  afterAll(async () => {
    await (vm as Vm | undefined)?.stop();
  });

  /** A stick that the guest has seen; pulled after the test. */
  async function plug(options: Partial<StickOptions> = {}, memory?: Buffer): Promise<PluggedStick> {
    const serial = `S${String(++sticks)}`;
    const stick = await vm.plug({ serial, size: STICK, ...options }, memory);
    onTestFinished(async () => {
      await vm.unplug(serial).catch(() => undefined);
      stick.server.faults = {};
      stick.server.close();
    });
    await vm.ask({ do: 'await-drive', serial, present: true });
    return stick;
  }

  async function driveOf(serial: string): Promise<Drive> {
    const drive = await vm.ask({ do: 'await-drive', serial, present: true });
    if (drive === null) throw new Error('no drive');
    return drive;
  }

  async function shell(command: string): Promise<string> {
    const { code, output } = await vm.ask({ do: 'shell', command });
    if (code !== 0) throw new Error(`${command}: ${output}`);
    return output;
  }

  function verdict(drive: Drive): string {
    const judged = judgeDrive(drive, { allowFixed: false, minimumSize: 0 });
    return judged.usable ? 'usable' : judged.reason.code;
  }

  /** Writes and, when asked for, meanwhile does something. */
  async function write(
    serial: string,
    request: Partial<WriteRequest> = {},
    onReport?: () => void,
  ): Promise<WriteResult> {
    return await vm.ask({ do: 'write', drive: serial, ...request }, onReport);
  }

  /** What the chips hold, seen from outside the guest. */
  function labelOn(server: NbdServer): string {
    const file = join(tmpFolder(), 'medium');
    writeFileSync(file, server.memory.subarray(0, IMAGE));
    truncateSync(file, server.memory.length);
    return labelOf(file);
  }

  function expectComplete(server: NbdServer, from = 0): void {
    const found = server.memory.subarray(from, from + IMAGE);
    expect(Buffer.compare(found, image)).toBe(0);
  }

  async function expectNothingLeft(): Promise<void> {
    const left = await shell(
      "pgrep -af '[w]riter/(launcher|writer).mjs' || true; ls -d /run/user/*/ota-writer-* /tmp/ota-writer-* 2>/dev/null || true",
    );
    expect(left).toBe('');
  }

  describe('lists', () => {
    test('a USB stick as usable, with its serial and a new generation at each plug-in', async () => {
      const { serial } = await plug();
      const first = await driveOf(serial);
      expect(verdict(first)).toBe('usable');
      expect(first).toMatchObject({
        kind: 'usb',
        identity: { size: STICK, transport: 'usb', serial },
      });
      await vm.unplug(serial);
      await vm.ask({ do: 'await-drive', serial, present: false });
      const server = await vm.plug({ serial, size: STICK });
      onTestFinished(() => server.server.close());
      const second = await driveOf(serial);
      expect(second.identity).toEqual({
        ...first.identity,
        generation: expect.not.stringMatching(`^${first.identity.generation}$`) as unknown,
      });
    });

    test('an SD card in a built-in reader as usable', async () => {
      const drives = await vm.ask({ do: 'list' });
      const card = drives.find(({ kind }) => kind === 'sd');
      expect(card).toMatchObject({ identity: { size: 64 * MIB, transport: 'sd' } });
      expect(card === undefined ? '' : verdict(card)).toBe('usable');
    });

    test.each([
      ['/dev/vda', 'virtio, with the root', 'drive-is-system'],
      ['/dev/sda', 'SATA', 'drive-is-internal'],
      ['/dev/nvme0n1', 'NVMe', 'drive-is-internal'],
    ])('%s (%s) as excluded', async (path, _what, reason) => {
      const drives = await vm.ask({ do: 'list' });
      const drive = drives.find(({ identity }) => identity.path === path);
      expect(drive === undefined ? '' : verdict(drive)).toBe(reason);
      const { error } = await write(path, { allowFixed: reason === 'drive-is-system' });
      expect(error?.code).toBe(reason);
    });

    test('two sticks behind one hub as sharing its connection', async () => {
      await vm.qmp('device_add', { driver: 'usb-hub', id: 'HUB', port: '9' });
      onTestFinished(() => vm.unplug('HUB'));
      const drives: Drive[] = [];
      for (const port of ['9.1', '9.2', '10']) {
        const { serial } = await plug({ properties: { port } });
        drives.push(await driveOf(serial));
      }
      expect(sharedConnections(drives)).toEqual([drives.slice(0, 2)]);
    });

    test('a reader without a card as empty', async () => {
      const { serial } = await plug({ size: 0 });
      expect(verdict(await driveOf(serial))).toBe('drive-empty-reader');
      // Each look at an empty reader counts as a change of medium.
      expect((await write(serial)).error?.code).toMatch(/^drive-(empty-reader|changed)$/);
    });

    test('a read-only stick as such', async () => {
      const { serial } = await plug({ readOnly: true });
      expect(verdict(await driveOf(serial))).toBe('drive-read-only');
      expect((await write(serial)).error?.code).toBe('drive-read-only');
    });

    test('a partitioned stick with its labels and mounts, serial and transport from the disk', async () => {
      const { serial } = await plug();
      const { path } = (await driveOf(serial)).identity;
      await shell(
        `printf 'size=32M\\n;\\n' | sfdisk -q ${path} && udevadm settle && mkfs.vfat -n STICK ${path}1 && mke2fs -q -L second ${path}2 && udevadm settle`,
      );
      await shell(`mkdir -p /media/kim/STICK && mount ${path}1 /media/kim/STICK`);
      const drive = await driveOf(serial);
      expect(drive.labels).toEqual(['STICK', 'second']);
      expect(drive.partitions).toHaveLength(2);
      expect(verdict(drive)).toBe('usable');
      await shell(`mkdir -p /data && mount ${path}2 /data`);
      expect(verdict(await driveOf(serial))).toBe('drive-mounted-elsewhere');
      expect((await write(serial)).error?.code).toBe('drive-mounted-elsewhere');
      // What belongs to the system makes a system disk of it, whichever partition is meant.
      await shell(`umount /data && mkdir -p /boot/efi && mount ${path}2 /boot/efi`);
      const { error } = await write(`${path}1`, { allowFixed: true });
      expect(error?.code).toBe('drive-is-system');
      await shell('umount /boot/efi /media/kim/STICK');
    });

    test('a stick with swap, or with a volume on it, as in use', async () => {
      const { serial } = await plug();
      const { path } = (await driveOf(serial)).identity;
      await shell(`mkswap ${path} && swapon ${path}`);
      expect(verdict(await driveOf(serial))).toBe('drive-is-swap');
      expect((await write(serial)).error?.code).toBe('drive-is-swap');
      await shell(`swapoff ${path} && dmsetup create held --table '0 2048 linear ${path} 0'`);
      expect(verdict(await driveOf(serial))).toBe('drive-held');
      expect((await write(serial)).error?.code).toBe('drive-held');
      await shell('dmsetup remove held');
      expect(verdict(await driveOf(serial))).toBe('usable');
    });
  });

  describe('writes', () => {
    test('a stick that the kernel mounts and e2fsck finds clean', async () => {
      const { serial, server } = await plug();
      const { path } = (await driveOf(serial)).identity;
      // By the name that never changes: a link that udev made of model and serial.
      const link = await shell(`ls /dev/disk/by-id/usb-*${serial}*`);
      expect(await write(link.trim())).toMatchObject({ error: null, notices: [] });
      expectComplete(server);
      expect(labelOn(server)).toBe(LABEL);
      expect(await shell(`udevadm settle; blkid -o device -t LABEL=${LABEL}`)).toBe(`${path}\n`);
      await shell(
        `e2fsck -fn ${path} && mkdir -p /mnt/x && mount -o ro ${path} /mnt/x && test $(stat -c %s /mnt/x/data) = ${String(16 * MIB)} && umount /mnt/x`,
      );
      await expectNothingLeft();
    });

    test('one that was partitioned and mounted', async () => {
      const { serial, server } = await plug();
      const { path } = (await driveOf(serial)).identity;
      await shell(
        `echo ';' | sfdisk -q ${path} && udevadm settle && mkfs.vfat -n OLD ${path}1 && mkdir -p /media/kim/OLD && mount ${path}1 /media/kim/OLD`,
      );
      expect((await write(serial)).error).toBeNull();
      expectComplete(server);
      await shell(`udevadm settle; ! grep -q OLD /proc/mounts && test ! -b ${path}1`);
    });

    test('one partition, and leaves the other as it is', async () => {
      const { serial, server } = await plug();
      const { path } = (await driveOf(serial)).identity;
      await shell(
        `printf 'start=1M,size=32M\\n;\\n' | sfdisk -q ${path} && udevadm settle && mke2fs -q -L keep ${path}2 && udevadm settle`,
      );
      const other = Buffer.from(server.memory.subarray(33 * MIB));
      expect((await write(`${path}1`)).error).toBeNull();
      expectComplete(server, MIB);
      expect(Buffer.compare(server.memory.subarray(33 * MIB), other)).toBe(0);
    });

    test('an SD card', async () => {
      const drives = await vm.ask({ do: 'list' });
      const path = drives.find(({ kind }) => kind === 'sd')?.identity.path ?? '';
      // There is nothing to switch off: it may be taken out as it is.
      expect(await write(path, { eject: true })).toEqual({
        ...{ error: null, notices: [], ejected: true },
      });
      expect(await shell(`blkid -p -o value -s LABEL ${path}`)).toBe(`${LABEL}\n`);
    });

    test('and switches the stick off', async () => {
      const { serial, server } = await plug();
      expect(await write(serial, { eject: true })).toMatchObject({ error: null, ejected: true });
      await vm.ask({ do: 'await-drive', serial, present: false });
      expectComplete(server);
    });

    test('nothing on a stick that was changed for another after it was chosen', async () => {
      const { serial } = await plug();
      let exchange: Promise<NbdServer> | null = null;
      const { error } = await write(serial, { pauseBeforeStart: true }, () => {
        exchange = (async () => {
          await vm.unplug(serial);
          await vm.ask({ do: 'await-drive', serial, present: false });
          const { server } = await vm.plug({ serial, size: STICK }, Buffer.alloc(STICK, 0xaa));
          await vm.ask({ do: 'await-drive', serial, present: true });
          vm.go();
          return server;
        })();
      });
      expect(error?.code).toBe('drive-changed');
      const server = await (exchange as Promise<NbdServer> | null);
      expect(server?.written).toBe(0);
      server?.close();
    });
  });

  describe('tells that the stick was unplugged', () => {
    const moments: readonly Partial<WriteRequest>[] = [
      { reportPhase: 'prepare' },
      { reportPhase: 'write' },
      ...some([9, 1, 5, 13, 17, 21]).map((mebibytes) => ({ reportAt: mebibytes * MIB })),
      { reportPhase: 'flush' },
      { reportPhase: 'verify' },
      { reportPhase: 'commit' },
    ];
    test.each(moments)('at %j', async (moment) => {
      const { serial, server } = await plug();
      const { error } = await write(serial, moment, () => void vm.unplug(serial));
      // Asked for at the last moment, it may have come too late: then all must be right.
      if (error === null && moment.reportPhase === 'commit') expectComplete(server);
      else {
        expect(error?.code).toBe('drive-unplugged');
        expect(labelOn(server)).toBe('');
      }
      await expectNothingLeft();
    });
  });

  describe('finds', () => {
    let serial = '';
    let server: NbdServer;

    // One for all of them: only its faults change.
    beforeAll(async () => {
      serial = 'FAULTY';
      ({ server } = await vm.plug({ serial, size: STICK }));
      await vm.ask({ do: 'await-drive', serial, present: true });
    });

    afterEach(() => {
      server.faults = {};
    });

    afterAll(async () => {
      await vm.unplug(serial);
      server.close();
    });

    const range = (on: 'read' | 'write', at: number): Faults => ({
      errors: { on, from: at, to: at + 512 },
    });
    const failing: readonly [string, Faults, string][] = [
      ...some([0, 9, 1, 5, 13, 17]).map((mebibytes): [string, Faults, string] => [
        `write errors at ${String(mebibytes)} MiB`,
        range('write', mebibytes * MIB + 8192),
        'drive-write-failed',
      ]),
      ...some([1, 13, 7, 19]).map((mebibytes): [string, Faults, string] => [
        `read errors at ${String(mebibytes)} MiB`,
        range('read', mebibytes * MIB + 8192),
        'drive-read-failed',
      ]),
      ['a bit that flips', { flip: 7 * MIB + 12_345 }, 'verify-failed'],
      ['a bit that flips early', { flip: 100_000 }, 'verify-failed'],
      ['writes that are dropped', { forgetFrom: 80 * MIB }, 'drive-counterfeit'],
      ['a stick that forgets everything', { forgetFrom: 0 }, 'drive-forgets'],
      ['addresses that wrap around', { wrapAt: 32 * MIB }, 'drive-counterfeit'],
      ['addresses that wrap within what is written', { wrapAt: 8 * MIB }, 'drive-counterfeit'],
    ];
    test.each(failing)('%s', async (_title, faults, code) => {
      server.memory.fill(0xaa);
      server.faults = faults;
      const { error } = await write(serial);
      expect(error?.code).toBe(code);
      if (error?.code === 'drive-counterfeit') expect(error.params.holds).toBeLessThan(STICK);
      expect(labelOn(server)).toBe('');
      await expectNothingLeft();
    });

    test('a stick that does not answer, and says so while it waits', async () => {
      server.faults = { stall: { at: 9 * MIB, milliseconds: 12_000 } };
      const { error, notices } = await write(serial);
      expect(error).toBeNull();
      expect(notices.map(({ code }) => code)).toEqual(['drive-stalled']);
      expectComplete(server);
    });
  });

  test('writes a slow stick with seek cost in the time of one sequential direct write', async () => {
    const { serial, server } = await plug();
    const { path } = (await driveOf(serial)).identity;
    await shell(
      `dd if=/dev/zero of=${path} bs=4M count=${String(IMAGE / 4 / MIB)} oflag=direct conv=fsync`,
    );
    const raw = writePhase(server.log.splice(0));
    expect((await write(serial)).error).toBeNull();
    const ours = writePhase(server.log.splice(0));
    expect(timeOnSlowStick(ours) / timeOnSlowStick(raw)).toBeLessThanOrEqual(1.05);
    // The measure can tell: half of it first, then what lies between, is much slower.
    const scattered = [0, 1].flatMap((odd) => ours.filter((_, index) => index % 2 === odd));
    expect(timeOnSlowStick(scattered) / timeOnSlowStick(raw)).toBeGreaterThan(1.5);
  });

  describeSeveralSticks({
    vm: () => vm,
    folder: shared,
    plug,
    pathOf: async (serial) => (await driveOf(serial)).identity.path,
  });

  describe('asks an ordinary user for the password', () => {
    const asked = async (asUser: AsUser): Promise<WriteResult & { server: NbdServer }> => {
      const { serial, server } = await plug();
      const { path } = (await driveOf(serial)).identity;
      // udev looks at what comes; what counts is what is written.
      return { ...(await write(path, { asUser })), server };
    };
    /** As the package's: everything belongs to root. */
    const install = [
      'd=/usr/lib/offline-ota-image-builder; mkdir -p $d',
      'install -m 755 /repo/packaging/linux/*-drive $d',
      'install -m 644 /repo/packaging/linux/*.policy /usr/share/polkit-1/actions',
      'app="/opt/Offline OTA Image Builder"; w="$app/resources/app.asar.unpacked/out/writer"',
      'mkdir -p "$w"; install -m 644 /job/writer/writer.mjs /job/writer/launcher.mjs "$w"',
      'ln -sf /usr/local/bin/node "$app/offline-ota-image-builder"',
    ].join(' && ');

    describe.each([
      ['an agent, for sudo-prompt and the app’s own copy', 'agent'],
      ['the app on its terminal, for the installed writer', 'terminal'],
    ] as const)('by %s', (_title, askedBy) => {
      beforeAll(async () => {
        if (askedBy === 'terminal') await shell(install);
      });

      test('and writes with the right one', async () => {
        const { error, server, terminal } = await asked({ password: 'correct-horse', askedBy });
        expect(error, terminal).toBeNull();
        expectComplete(server);
      });

      test('once for two drives, and writes both', async () => {
        const [one, two] = [await plug(), await plug()];
        const paths = [];
        for (const { serial } of [one, two]) paths.push((await driveOf(serial)).identity.path);
        const asUser = { password: 'correct-horse', askedBy };
        const { error, terminal = '' } = await write(paths.join(), { asUser });
        expect(error, terminal).toBeNull();
        for (const { server } of [one, two]) expectComplete(server);
        expect(terminal.match(/Password:/gu)).toHaveLength(1);
      });

      test('and does nothing with a wrong one', async () => {
        const { error, server, terminal } = await asked({ password: 'wrong', askedBy });
        expect(error?.code, terminal).toBe('elevation-refused');
        expect(terminal).toContain('Password:');
        expect(server.written).toBe(0);
      });
    });
  });

  test('sees a stick come and go', async () => {
    const { serial } = await plug();
    await vm.unplug(serial);
    expect(await vm.ask({ do: 'await-drive', serial, present: false })).toBeNull();
  });
});
