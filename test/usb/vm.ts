import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VmImage } from './build-vm.ts';
import type { Answer, Request, Results } from './guest/protocol.ts';
import { NbdServer } from './nbd-server.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** Software emulation on a busy machine is slow; this is for hangs alone. Milliseconds. */
const BOOT_LIMIT = 120_000;

/** On another emulated processor V8 crashed in one of some 200 starts; a defect of ours fails each time. */
const STARTS = 3;

export interface StickOptions {
  readonly serial: string;
  /** Bytes. */
  readonly size: number;
  /** QEMU device properties beside the usual. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly readOnly?: boolean;
}

export interface PluggedStick {
  readonly serial: string;
  readonly server: NbdServer;
}

/** A machine with real USB: started once, sticks come and go while it runs. */
export class Vm {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #qmp: Lines;
  readonly #agent: Lines;
  #requests = 0;
  #nodes = 0;

  private constructor(folder: string, process: ChildProcess, qmp: Lines, agent: Lines) {
    this.#folder = folder;
    this.#process = process;
    this.#qmp = qmp;
    this.#agent = agent;
  }

  /** `folder` is where sockets and what the guest reads as /job stand. */
  static async start(image: VmImage, folder: string): Promise<Vm> {
    for (let left = STARTS - 1; ; left--)
      try {
        return await Vm.#startOnce(image, folder);
      } catch (error) {
        if (left === 0) throw error;
        console.warn(error);
      }
  }

  static async #startOnce(image: VmImage, folder: string): Promise<Vm> {
    const child = spawn('qemu-system-x86_64', qemuArguments(image, folder), {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('QEMU ended');
    });
    ended.catch(() => undefined);
    try {
      const qmp = await Lines.connect(join(folder, 'qmp.sock'));
      qmp.send({ execute: 'qmp_capabilities' });
      const agent = await Lines.connect(join(folder, 'ctl.sock'));
      await Promise.race([agent.await((answer) => answer['id'] === 0, BOOT_LIMIT), ended]);
      return new Vm(folder, child, qmp, agent);
    } catch (error) {
      child.kill('SIGKILL');
      // Its sockets have the names that the next one takes.
      await ended.catch(() => undefined);
      const logFile = join(folder, 'console.log');
      // QEMU that refuses its arguments makes none.
      const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-3000) : '';
      throw new Error(`the machine did not start: ${log}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    // First, so that the machine's end does not look like a broken connection.
    this.#qmp.close();
    this.#agent.close();
    this.#process.kill('SIGKILL');
    await sleep(50);
  }

  console(): string {
    return readFileSync(join(this.#folder, 'console.log'), 'utf8');
  }

  async plug(options: StickOptions, memory?: Buffer): Promise<PluggedStick> {
    const { serial, size, properties = {}, readOnly = false } = options;
    const server = new NbdServer(size);
    memory?.copy(server.memory);
    await this.plugServer(server, serial, properties, readOnly);
    return { serial, server };
  }

  async plugServer(
    server: NbdServer,
    serial: string,
    properties: Readonly<Record<string, unknown>> = {},
    readOnly = false,
  ): Promise<void> {
    const node = `node${String(this.#nodes++)}`;
    const path = join(this.#folder, `${node}.sock`);
    rmSync(path, { force: true });
    await server.listen(path);
    await this.qmp('blockdev-add', {
      ...{ driver: 'nbd', 'node-name': node, server: { type: 'unix', path } },
      'read-only': readOnly,
    });
    await this.qmp('device_add', {
      ...{ driver: 'usb-storage', id: serial, drive: node, serial, removable: true },
      ...properties,
    });
  }

  async unplug(serial: string): Promise<void> {
    await this.qmp('device_del', { id: serial });
  }

  async qmp(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const id = `q${String(this.#requests++)}`;
    const answer = this.#qmp.await((line) => line['id'] === id, 20_000);
    this.#qmp.send({ execute, arguments: args, id });
    const { error } = await answer;
    if (error !== undefined) throw new Error(`${execute}: ${JSON.stringify(error)}`);
  }

  /**
   * `onReport` is called when the agent is paused or has reached what was asked for.
   * @param limit for hangs alone; milliseconds.
   */
  async ask<R extends Request>(
    request: R,
    onReport: (report: string) => void = () => undefined,
    limit = 120_000,
  ): Promise<Results[R['do']]> {
    const id = ++this.#requests;
    const answer = this.#agent.await((line) => {
      if (line['id'] !== id) return false;
      const report = (line as unknown as Answer & { report?: string }).report;
      if (report === undefined) return true;
      onReport(report);
      return false;
    }, limit);
    this.#agent.send({ id, request });
    const { result, failure } = await answer;
    if (failure !== undefined) throw new Error(JSON.stringify(failure));
    return result as Results[R['do']];
  }

  /** Lets a paused write go on. */
  go(): void {
    this.#agent.send({ id: -1, request: { do: 'go' } });
  }
}

function qemuArguments(image: VmImage, folder: string): string[] {
  const device = (...properties: readonly string[]): string[] => ['-device', properties.join(',')];
  return [
    // On a newer one, of which QEMU 7.2 emulates AVX and protection keys too, V8 crashed at times.
    ...['-accel', 'tcg,thread=multi', '-machine', 'q35', '-cpu', 'Westmere'],
    ...['-smp', '2', '-m', '1024'],
    ...['-kernel', image.kernel, '-initrd', image.initrd],
    // Without the second that the kernel gives slow sticks before it looks at them.
    ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off usb-storage.delay_use=0'],
    ...['-display', 'none', '-no-reboot', '-nodefaults', '-net', 'none'],
    ...['-serial', `file:${join(folder, 'console.log')}`],
    ...['-qmp', `unix:${join(folder, 'qmp.sock')},server=on,wait=off`],
    ...['-drive', `file=${image.root},if=none,id=root,format=raw,snapshot=on`],
    ...device('virtio-blk-pci', 'drive=root'),
    ...share('repo', REPOSITORY),
    ...share('job', folder),
    ...device('virtio-serial-pci'),
    ...['-chardev', `socket,id=ctl,path=${join(folder, 'ctl.sock')},server=on,wait=off`],
    ...device('virtserialport', 'chardev=ctl', 'name=ctl'),
    ...device('qemu-xhci', 'p2=15', 'p3=15'),
    ...nullDisk('sata', 1),
    ...device('ide-hd', 'drive=sata', 'serial=SATA1'),
    ...nullDisk('nvme', 1),
    ...device('nvme', 'drive=nvme', 'serial=NVME1'),
    ...['-drive', `file=${join(folder, 'sd.img')},if=none,id=sd,format=raw`],
    ...device('sdhci-pci'),
    ...device('sd-card', 'drive=sd'),
  ];
}

function share(tag: string, path: string): string[] {
  return [
    ...['-fsdev', `local,id=${tag},path=${path},security_model=none,readonly=on`],
    ...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ];
}

function nullDisk(id: string, gigabytes: number): string[] {
  const size = String(gigabytes * 2 ** 30);
  return ['-blockdev', `driver=null-co,node-name=${id},read-zeroes=on,size=${size}`];
}

/** JSON objects, one a line, over a socket. */
class Lines {
  readonly #socket: Socket;
  readonly #waiting = new Set<(line: Record<string, unknown>) => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    const lines = createInterface({ input: socket });
    // It tells the socket's errors once more.
    lines.on('error', () => undefined);
    lines.on('line', (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      for (const wait of [...this.#waiting]) wait(line);
    });
  }

  static async connect(path: string): Promise<Lines> {
    for (let tries = 0; ; tries++) {
      const { promise, resolve, reject } = Promise.withResolvers<Socket>();
      const socket = connect(path, () => resolve(socket)).once('error', reject);
      try {
        return new Lines(await promise);
      } catch (error) {
        if (tries > 200) throw error;
        await sleep(50);
      }
    }
  }

  send(value: object): void {
    this.#socket.write(`${JSON.stringify(value)}\n`);
  }

  async await(
    matches: (line: Record<string, unknown>) => boolean,
    limit: number,
  ): Promise<Record<string, unknown>> {
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const wait = (line: Record<string, unknown>): void => {
      if (matches(line)) resolve(line);
    };
    this.#waiting.add(wait);
    const timer = setTimeout(() => reject(new Error('no answer from the machine')), limit);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(wait);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
