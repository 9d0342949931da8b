import { accessSync, constants, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Access } from '../../shared/writer-protocol.ts';

/** How the writer can be started here. */
export type WriterProgram =
  /** The installed package brought a root-owned wrapper with a polkit action of its own. */
  | { readonly kind: 'installed'; readonly wrapper: string; readonly action: string }
  /** The app's own copy: a checkout, an AppImage, a folder of the user's. */
  | {
      readonly kind: 'own';
      /** Node, or the app's own binary, which becomes Node with ELECTRON_RUN_AS_NODE. */
      readonly runtime: string;
      readonly entries: WriterEntries;
      /** Root cannot read what an AppImage has mounted for its user: copy launcher and writer out of it. */
      readonly copyWriter: boolean;
    };

/** Absolute paths of the programs that run outside the app's archive: bundles, or TypeScript. */
export interface WriterEntries {
  readonly launcher: string;
  /** Started by the launcher, beside which it lies. */
  readonly writer: string;
  readonly sudoPromptHost: string;
}

/**
 * A polkit action for each access, bound to a wrapper of its own: an administrator can let people check sticks
 * who may not write any, and the password dialog says which it is about. The wrapper for reading has the writers
 * refuse every job that writes.
 */
export const POLKIT_ACTIONS: Readonly<Record<Access, string>> = {
  read: 'jp.tier4.offline-ota-image-builder.read-drive',
  write: 'jp.tier4.offline-ota-image-builder.write-drive',
};
const WRAPPERS: Readonly<Record<Access, string>> = {
  read: '/usr/lib/offline-ota-image-builder/read-drive',
  write: '/usr/lib/offline-ota-image-builder/write-drive',
};

/** What the wrappers start: the app's own binary as the runtime, the launcher, and by it the writer. */
const APP = '/opt/Offline OTA Image Builder';
const STARTED = [
  `${APP}/offline-ota-image-builder`,
  `${APP}/resources/app.asar.unpacked/out/writer/launcher.mjs`,
  `${APP}/resources/app.asar.unpacked/out/writer/writer.mjs`,
];

/**
 * How `entries`, which this app brings along, can be started, unless a package installed better.
 * @param access what the drives of the run are opened for.
 */
export function findWriterProgram(entries: WriterEntries, access: Access): WriterProgram {
  if (isInstalled(access))
    return { kind: 'installed', wrapper: WRAPPERS[access], action: POLKIT_ACTIONS[access] };
  const appImage = process.env['APPIMAGE'];
  const inAppImage = appImage !== undefined && 'electron' in process.versions;
  const runtime = inAppImage ? appImage : process.execPath;
  return { kind: 'own', runtime, entries, copyWriter: inAppImage };
}

/**
 * Only what root alone can change may be started without a word about which program it is: the
 * wrapper, everything that it starts, and every folder above them.
 */
function isInstalled(access: Access): boolean {
  if (process.platform !== 'linux') return false;
  const wrapper = WRAPPERS[access];
  const policy = `/usr/share/polkit-1/actions/${POLKIT_ACTIONS[access]}.policy`;
  try {
    accessSync(wrapper, constants.X_OK);
    const annotation = `<annotate key="org.freedesktop.policykit.exec.path">${wrapper}</annotate>`;
    if (!readFileSync(policy, 'utf8').includes(annotation)) return false;
    return [policy, wrapper, ...STARTED].every(isRootOnly);
  } catch {
    return false;
  }
}

/** Throws where the path does not exist. */
export function isRootOnly(path: string): boolean {
  let current = realpathSync(path);
  for (;;) {
    const { uid, mode } = lstatSync(current);
    if (uid !== 0 || (mode & 0o022) !== 0) return false;
    if (current === '/') return true;
    current = dirname(current);
  }
}

/** For running from a checkout, where Node takes TypeScript as it is. */
export function checkoutEntries(): WriterEntries {
  return {
    launcher: join(import.meta.dirname, '..', 'writer', 'launcher.ts'),
    writer: join(import.meta.dirname, '..', 'writer', 'main.ts'),
    sudoPromptHost: join(import.meta.dirname, 'sudo-prompt-host.ts'),
  };
}

/** What scripts/build-writer.ts made, in `folder`: out/writer, or `writer` among the app's resources. */
export function bundledEntries(folder: string): WriterEntries {
  return {
    launcher: join(folder, 'launcher.mjs'),
    writer: join(folder, 'writer.mjs'),
    sudoPromptHost: join(folder, 'sudo-prompt-host.mjs'),
  };
}

/**
 * The entries that come with this program: TypeScript in a checkout, else the bundles. A package keeps
 * them outside of its archive, which only Electron's own runtime can read.
 */
export function ownEntries(): WriterEntries {
  if (import.meta.url.endsWith('.ts')) return checkoutEntries();
  const folder = join(import.meta.dirname, '..', 'writer');
  return bundledEntries(folder.replace(/\.asar(?=[\\/])/u, '.asar.unpacked'));
}
