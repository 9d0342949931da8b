import { readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** Programs that run another one, whose name says more than theirs. */
const INTERPRETER =
  /^(node|nodejs|electron|bun|deno|python[\d.]*|perl|ruby|java|sh|bash|dash|zsh)$/;

/** Options after which comes the program itself as text, not as a file. */
const INLINE = /^-(c|e|p|-eval|-print)$/;

/** A name is for a person to read, not for a script to act on. Characters. */
const LONGEST = 60;

/**
 * What a person calls the program of a process: `dd`, `node server.js`. /proc/<pid>/comm is the name of a
 * thread, such as Node's "MainThread", and is cut after 15 bytes; it is all that a kernel thread has.
 */
export async function programName(pid: string): Promise<string> {
  const [line, exe, comm] = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    readlink(`/proc/${pid}/exe`).catch(() => ''),
    readFile(`/proc/${pid}/comm`, 'utf8').catch(() => pid),
  ]);
  const name = nameFrom(line.split('\0').slice(0, -1), exe) ?? comm.trim();
  return name.replaceAll(/\p{Cc}/gu, '?').slice(0, LONGEST);
}

/**
 * The name from the arguments and path of a program; null where there are neither. Programs may write
 * sentences over their arguments (`node (vitest 1)`, `nginx: worker process`): then the path counts.
 */
export function nameFrom([own = '', ...words]: readonly string[], exe: string): string | null {
  const called = own === '' || own.includes(' ') ? exe.replace(/ \(deleted\)$/, '') : own;
  const name = basename(called).replace(/^-/, '');
  if (name === '') return null;
  if (!INTERPRETER.test(name)) return name;
  const first = words.find((word) => INLINE.test(word) || !word.startsWith('-'));
  return first === undefined || INLINE.test(first) ? name : `${name} ${basename(first)}`;
}
