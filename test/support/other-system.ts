/**
 * Loaded before a program (`node --import`): lets it believe that it runs on Windows or macOS. What the
 * variable OTHER_SYSTEM says in JSON takes the place of the system: its name, programs and devices, which are
 * scripts and files here. Paths stay those of this system, and so does everything else of Node.
 */
import { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export interface OtherSystem {
  readonly platform: NodeJS.Platform;
  /** Of the effective user; without it there is none, as on Windows. */
  readonly euid: number | null;
  /** What is started in the place of a program, by its path. */
  readonly programs: Readonly<Record<string, string>>;
  /** The file that is opened in the place of a device, by its path. */
  readonly devices: Readonly<Record<string, string>>;
  /** Where every open of a device is noted, with its flags, and every close of one. */
  readonly log: string;
}

const system = JSON.parse(process.env['OTHER_SYSTEM'] ?? '{}') as OtherSystem;
const { platform, euid, programs, devices, log } = system;
const note = (line: string): void => fs.appendFileSync(log, `${line}\n`);

Object.defineProperty(process, 'platform', { value: platform });
if (euid === null) {
  Object.assign(process, { geteuid: undefined, getuid: undefined });
} else {
  Object.assign(process, { geteuid: () => euid, getuid: () => euid });
}

interface Spawning {
  spawn(options: { file: string; args: string[]; envPairs?: string[] }): unknown;
}
const processes = ChildProcess.prototype as unknown as Spawning;
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its process below
const spawn = processes.spawn;
processes.spawn = function (this: unknown, options) {
  const program = programs[options.file];
  if (options.file === process.execPath) return spawn.call(this, options);
  // The scripts that stand for programs are no parts of the other system; Node itself, as the writer, is.
  const envPairs = options.envPairs?.filter((pair) => !pair.startsWith('NODE_OPTIONS=')) ?? [];
  return spawn.call(this, { ...options, file: program ?? options.file, envPairs });
};

const exists = fs.existsSync;
fs.existsSync = (path) => (typeof path === 'string' && path in programs) || exists(path);

/** Flags that only the other system knows, and that Linux would take for others or refuse. */
const THEIRS = 0x10000000 | 0x02000000 | 0x04000000 | 0x20;

const { promises } = fs;
const open = promises.open.bind(promises);
promises.open = async (path, flags, mode) => {
  const file = typeof path === 'string' ? devices[path] : undefined;
  if (file === undefined) return await open(path, flags, mode);
  const number = Number(flags);
  const handle = await open(file, number & ~THEIRS & ~fs.constants.O_NOFOLLOW);
  note(`open ${String(path)} 0x${(number & THEIRS).toString(16)}`);
  const close = handle.close.bind(handle);
  handle.close = async () => {
    if (handle.fd !== -1) note(`close ${String(path)}`);
    await close();
  };
  handle.sync = () =>
    platform === 'darwin'
      ? Promise.reject(Object.assign(new Error('ENOTTY: fsync'), { code: 'ENOTTY' }))
      : Promise.resolve();
  return handle;
};
syncBuiltinESMExports();
