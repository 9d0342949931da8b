import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import type { JobFolder } from './job-folder.ts';
import {
  broke,
  launch,
  nodeArguments,
  watch,
  writersOwnWords,
  type Explain,
  type StartedLauncher,
} from './launcher-process.ts';
import type { WriterProgram } from './writer-program.ts';

/** By their whole paths, so that nothing of a search path comes between. */
const SUDO = '/usr/bin/sudo';
const OSASCRIPT = '/usr/bin/osascript';
const ENV = '/usr/bin/env';

/**
 * Has sudo ask for the password with a dialog. Root of AppleScript's “with administrator privileges” would
 * not do: it does not say which user it acts for, and since macOS 10.15 it cannot open raw disks, because it
 * is no child of the app that the person has allowed to use removable volumes.
 */
export async function startBySudo(
  { runtime, entries }: WriterProgram & { kind: 'own' },
  folder: JobFolder,
): Promise<StartedLauncher> {
  const askpass = join(folder.path, 'askpass');
  await writeFile(askpass, ASKPASS, { flag: 'wx', mode: 0o700 });
  const { HOME, USER } = process.env;
  const environment = {
    ...{ HOME, USER, SUDO_ASKPASS: askpass },
    // sudo's words are not translated then, and osascript takes its argument for UTF-8.
    LC_ALL: 'en_US.UTF-8',
  };
  // No shell comes between, so paths may hold anything. sudo clears the environment and sets SUDO_UID.
  const launcher = nodeArguments(entries.launcher, folder.path);
  const command = [ENV, 'ELECTRON_RUN_AS_NODE=1', runtime, ...launcher];
  return watch(launch(SUDO, ['-A', '--', ...command], environment), explainSudo);
}

/** Nothing in it comes from anywhere: what sudo runs as the askpass is the same for everybody. */
const ASKPASS = `#!/bin/sh
exec ${OSASCRIPT} -e 'text returned of (display dialog "Enter your password to read and write drives.
ドライブを読み書きするには、パスワードを入力してください。" with title "Offline OTA Image Builder" default answer "" with icon caution with hidden answer)'
`;

/** By sudo's own words; it ends with 1 whatever happened. */
export const explainSudo: Explain = (code, output) => {
  if (/incorrect password attempt|not in the sudoers file|is not allowed to/iu.test(output))
    return builderError('elevation-refused', {});
  // The dialog was closed: askpass gave sudo nothing.
  if (/no password was provided|password is required/iu.test(output))
    return builderError('elevation-cancelled', {});
  return writersOwnWords(output) ?? broke(`${output} (${String(code)})`);
};
