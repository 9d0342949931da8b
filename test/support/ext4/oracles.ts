import { spawnSync } from 'node:child_process';
import { tool } from '../tools.ts';
import type { Tool } from '../tools.ts';

export const e2fsckTool = tool('e2fsck');
export const dumpe2fsTool = tool('dumpe2fs');
export const debugfsTool = tool('debugfs');
export const resize2fsTool = tool('resize2fs');
export const mkfsTool = tool('mkfs.ext4');
export const blkidTool = tool('blkid');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(command: Tool, args: readonly string[], input = ''): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command.path, args, {
    encoding: 'utf8',
    input,
    maxBuffer: 1 << 30,
    env: { ...process.env, LC_ALL: 'C', DEBUGFS_PAGER: 'cat', PAGER: 'cat' },
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

const CLEAN =
  /^Pass 1: .*\nPass 2: .*\nPass 3: .*\nPass 4: .*\nPass 5: .*\n[^\n]*: \d+\/\d+ files \([\d.]+% non-contiguous\), \d+\/\d+ blocks\n$/;

/**
 * What e2fsck has to say about the filesystem beyond its five passes and the summary: null when
 * nothing, so that a remark that it would repair without an exit code counts as well.
 */
export function e2fsckComplaint(path: string): string | null {
  const { status, stdout, stderr } = run(e2fsckTool, ['-fn', path]);
  const remarks = stderr.replace(/^e2fsck \d[^\n]*\n/, '');
  if (status === 0 && remarks === '' && CLEAN.test(stdout)) return null;
  return `exit ${status ?? 'by signal'}\n${stdout}${remarks}`;
}

/** The `Key: value` lines of dumpe2fs -h. */
export function dumpe2fsHeader(path: string): Map<string, string> {
  const { status, stdout, stderr } = run(dumpe2fsTool, ['-h', path]);
  if (status !== 0) throw new Error(stderr);
  const values = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return values;
}

/** What blkid finds by probing, as `TAG=value` lines; empty when it recognises nothing. */
export const blkidTags = (path: string): string[] =>
  run(blkidTool, ['-p', '-o', 'export', path])
    .stdout.split('\n')
    .filter((line) => line !== '' && !line.startsWith('DEVNAME='));

export const debugfs = (path: string, request: string): string =>
  run(debugfsTool, ['-R', request, path]).stdout;
