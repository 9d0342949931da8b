import { readFileSync, readlinkSync } from '../../files/files.ts';
import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/**
 * Bytes of the output's own name that the hidden name shows. A name may have 255 bytes (143 under
 * eCryptfs), and the rest of the hidden name needs 80 of them.
 */
const MAX_SHOWN_BYTES = 60;

/** A process, named so that no other one of any computer at any time has the same name. */
interface Owner {
  readonly pid: number;
  /** Clock ticks since boot at which it was started (proc_pid_stat(5), field 22): pids are given again. */
  readonly started: number;
  /** The pid namespace in which the pid holds: containers share folders, but not pids. */
  readonly namespace: number;
  readonly computer: string;
  readonly boot: string;
}

const PARTIAL =
  /^\..+\.[0-9a-f]{8}-(?<pid>[0-9a-z]+)-(?<started>[0-9a-z]+)-(?<namespace>[0-9a-z]+)-(?<computer>[0-9a-f]{8})-(?<boot>[0-9a-f]{8})\.partial$/;

let own: Owner | null | undefined;

/**
 * A hidden path beside `path` for what is not complete yet. It is in the way of nothing, also not of an earlier
 * attempt that is still being removed, and on Linux it carries who makes it, for {@link isAbandoned}.
 */
export function partialPath(path: string): string {
  own ??= currentOwner();
  const parts = [randomBytes(4).toString('hex')];
  if (own !== null) {
    const numbers = [own.pid, own.started, own.namespace].map((number) => number.toString(36));
    parts.push(...numbers, own.computer, own.boot);
  }
  return join(dirname(path), `.${shownName(path)}.${parts.join('-')}.partial`);
}

/**
 * Whether a name is one of {@link partialPath} whose process has ended. false in any doubt: made under
 * another system, on another computer, or in another container.
 * @param local no other computer writes to the folder, so that what is from before this boot was left by
 * this computer, also where another one has its name.
 */
export function isAbandoned(name: string, local: boolean): boolean {
  own ??= currentOwner();
  const owner = PARTIAL.exec(name)?.groups;
  if (own === null || owner === undefined || owner['computer'] !== own.computer) return false;
  if (owner['boot'] !== own.boot) return local;
  const [pid, started, namespace] = ['pid', 'started', 'namespace'].map((part) =>
    parseInt(owner[part] ?? '', 36),
  ) as [number, number, number];
  return namespace === own.namespace && !isRunning(pid, started);
}

/** As much of a file's name as fits, whole characters only. */
function shownName(path: string): string {
  const bytes = Buffer.from(basename(path));
  if (bytes.length <= MAX_SHOWN_BYTES) return bytes.toString();
  let end = MAX_SHOWN_BYTES;
  // Bytes that go on a character of UTF-8 are 10xxxxxx.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** null where the system does not say all of it: only Linux does. */
function currentOwner(): Owner | null {
  if (process.platform !== 'linux') return null;
  try {
    const started = startTime(process.pid);
    // /proc of another pid namespace tells of another process.
    if (started === null || readlinkSync('/proc/self') !== String(process.pid)) return null;
    const namespace = Number(/^pid:\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/pid'))?.[1]);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (!Number.isSafeInteger(namespace)) return null;
    const computer = digest(`${hostname()} ${machineId()}`);
    return { pid: process.pid, started, namespace, computer, boot: digest(boot) };
  } catch {
    return null;
  }
}

/** Of installations that have none the host's name must do. */
function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** true in any doubt. */
function isRunning(pid: number, started: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return true;
  try {
    // Asks the kernel, which also tells of processes that /proc hides (hidepid).
    process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
  const now = startTime(pid);
  return now === null || now === started;
}

/** null: unknown. 0, which no process of ours has, for one that has ended and waits for its parent. */
function startTime(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 2 is the program's name in brackets, and may hold spaces and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (/^[ZX]/.test(fields[3 - 3] ?? '')) return 0;
    const ticks = Number(fields[22 - 3]);
    return Number.isSafeInteger(ticks) ? ticks : null;
  } catch {
    return null;
  }
}
