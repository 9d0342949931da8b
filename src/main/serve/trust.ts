import { homedir } from 'node:os';
import { join } from 'node:path';

/** Name of the CA's folder, and of the CA in an ECU's store. */
const NAME = 'offline-ota-image-builder';

/** What makes an ECU trust a CA, and what takes that back: commands for a POSIX shell. */
export interface Trust {
  /** The CA's certificate. */
  readonly path: string;
  readonly install: string;
  readonly remove: string;
}

/** @param path absolute path of the CA's certificate. */
export function trustOf(path: string): Trust {
  const store = `/usr/local/share/ca-certificates/${NAME}.crt`;
  return {
    path,
    install: `ssh <ECU> 'sudo tee ${store} > /dev/null && sudo update-ca-certificates' < ${quoted(path)}`,
    remove: `ssh <ECU> 'sudo rm ${store} && sudo update-ca-certificates --fresh'`,
  };
}

/** Where the system keeps what programs remember for a person; the app and the command line share one CA. */
export function authorityFolder(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] ?? homedir();
  const base =
    process.platform === 'win32'
      ? (env['APPDATA'] ?? join(home, 'AppData', 'Roaming'))
      : process.platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : env['XDG_CONFIG_HOME'] || join(home, '.config');
  return join(base, NAME, 'vehicle-ca');
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
