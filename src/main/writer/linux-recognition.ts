import { parseBlkid, type Recognition } from './recognition.ts';
import { askTool } from './run-tool.ts';

const BLKID = ['/usr/sbin/blkid', '/sbin/blkid'];

/** It reads a few MB at both ends; a device that takes longer does not answer. And prints some 20 lines. */
const LIMITS = { timeout: 60_000, maxBuffer: 64 * 1024 };

/** Exit statuses of blkid(8): found, nothing found, more than one found. */
const FOUND = 0;
const NOTHING = 2;
const AMBIVALENT = 8;

/**
 * What libblkid finds on the device itself (`-p`: no cache is asked). udev, mount and the vehicles ask the
 * same library.
 * @returns null where blkid is not installed, or is not util-linux's: BusyBox knows no `-p`.
 * @throws Error where it gives no answer.
 */
export async function askBlkid(path: string): Promise<Recognition | null> {
  const version = await askTool(BLKID, ['-V'], LIMITS);
  if (version?.output.includes('libblkid') !== true) return null;
  const answer = await askTool(BLKID, ['-p', '-o', 'udev', path], LIMITS);
  if (answer === null) return null;
  const { status, output, complaint } = answer;
  const failed = ![FOUND, NOTHING, AMBIVALENT].includes(status);
  if (failed || (status === NOTHING && complaint !== ''))
    throw new Error(`blkid: ${complaint || `exit status ${status}`}`);
  return parseBlkid(output);
}
