import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { describe, test } from 'vitest';

/** Something outside the project that a test needs: a system tool, a privilege. */
export interface Requirement {
  /** What it is called in the title of a skipped test. */
  readonly name: string;
  /** Why it is not there, or null when it is. */
  readonly missing: string | null;
}

export interface Tool extends Requirement {
  /**
   * What to hand to `execFile`: the absolute path. Debian leaves the sbin folders, where e2fsck and
   * losetup are, out of an ordinary user's PATH. The bare name when the tool is missing.
   */
  readonly path: string;
}

const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** A system tool by its command name; looked up in PATH and in the sbin folders. */
export function tool(name: string): Tool {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  for (const folder of [...folders, ...SBIN]) {
    const path = join(folder, name);
    if (isExecutableFile(path)) return { name, path, missing: null };
  }
  return { name, path: name, missing: 'is not installed' };
}

/** For tests that open devices, mount, or change owners. */
export const needsRoot: Requirement = {
  name: 'root',
  missing: process.getuid?.() === 0 ? null : 'is not who runs the tests',
};

let loopDevices: Requirement | undefined;

/** For tests that attach files as loop devices; implies root. Proved by attaching one, once. */
export function needsLoopDevices(): Requirement {
  loopDevices ??= { name: 'loop devices', missing: probeLoopDevices() };
  return loopDevices;
}

/** `describe` that needs something; see {@link judge} for what happens where it is missing. */
export function describeNeeding(
  requirements: readonly Requirement[],
  title: string,
  body: () => void,
): void {
  const verdict = judge(requirements);
  if (verdict.run) describe(title, body);
  else refuse(verdict, title);
}

/** `test` that needs something; see {@link judge} for what happens where it is missing. */
export function testNeeding(
  requirements: readonly Requirement[],
  title: string,
  body: () => Promise<void> | void,
): void {
  const verdict = judge(requirements);
  if (verdict.run) test(title, body);
  else refuse(verdict, title);
}

type Verdict =
  | { readonly run: true }
  | { readonly run: false; readonly outcome: 'skip' | 'fail'; readonly why: string };

/**
 * A developer without a tool still runs everything else: the test is skipped and its title names
 * what is missing. With CI=true it fails instead, so that a check never vanishes unseen.
 */
function judge(requirements: readonly Requirement[]): Verdict {
  const missing = requirements.filter((requirement) => requirement.missing !== null);
  if (missing.length === 0) return { run: true };
  return {
    run: false,
    outcome: process.env['CI'] === 'true' ? 'fail' : 'skip',
    why: missing.map(({ name, missing: why }) => `${name} ${why ?? ''}`).join(', '),
  };
}

function refuse(verdict: Verdict & { run: false }, title: string): void {
  const fullTitle = `${title} [needs ${verdict.why}]`;
  if (verdict.outcome === 'skip') test.skip(fullTitle);
  else
    test(fullTitle, () => {
      throw new Error(
        `Under CI=true nothing is skipped: ${verdict.why}. scripts/setup-tests installs what tests need.`,
      );
    });
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function probeLoopDevices(): string | null {
  const losetup = tool('losetup');
  if (losetup.missing !== null) return 'need losetup, which is not installed';
  if (needsRoot.missing !== null) return 'need root';
  const folder = mkdtempSync(join(tmpdir(), 'loop-probe-'));
  try {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    truncateSync(file, 1024 * 1024);
    const device = execFileSync(losetup.path, ['--find', '--show', file], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    execFileSync(losetup.path, ['--detach', device], { stdio: 'pipe' });
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return `cannot be attached here (${text.replaceAll(/\s+/g, ' ').trim()})`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
