import { accessSync, constants, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How the writer can be started here. */
export type WriterProgram =
  /** The installed package brought a root-owned wrapper with a polkit action of its own. */
  | { readonly kind: 'installed'; readonly wrapper: string }
  /** The app's own copy: a checkout, an AppImage, a folder of the user's. */
  | {
      readonly kind: 'own';
      /** Node, or the app's own binary, which becomes Node with ELECTRON_RUN_AS_NODE. */
      readonly runtime: string;
      /** The writer's entry: bundled, or TypeScript in a checkout. */
      readonly script: string;
      /** Root cannot read what an AppImage has mounted for its user: copy the script out of it. */
      readonly copyScript: boolean;
    };

export const POLKIT_ACTION = 'jp.tier4.offline-ota-image-builder.write-drive';
const POLICY = `/usr/share/polkit-1/actions/${POLKIT_ACTION}.policy`;
const WRAPPER = '/usr/lib/offline-ota-image-builder/write-drive';

/** `script`: absolute path of the writer's entry that this app brings along. */
export function findWriterProgram(script: string): WriterProgram {
  if (isInstalled()) return { kind: 'installed', wrapper: WRAPPER };
  const appImage = process.env['APPIMAGE'];
  const inAppImage = appImage !== undefined && 'electron' in process.versions;
  const runtime = inAppImage ? appImage : process.execPath;
  return { kind: 'own', runtime, script, copyScript: inAppImage };
}

/**
 * Only what root alone can change may be started without a word about which program it is: the
 * wrapper, everything that it starts, and every folder above them.
 */
function isInstalled(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    accessSync(WRAPPER, constants.X_OK);
    const annotation = `<annotate key="org.freedesktop.policykit.exec.path">${WRAPPER}</annotate>`;
    if (!readFileSync(POLICY, 'utf8').includes(annotation)) return false;
    return [POLICY, WRAPPER].every(isRootOnly);
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

/** The writer's TypeScript entry, for running from a checkout. */
export function checkoutWriter(): string {
  return join(import.meta.dirname, '..', 'writer', 'main.ts');
}
