import { existsSync } from 'node:fs';
import path from 'node:path';

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

/** Where npm puts Electron's runtime below `root`, when it can be had. */
export function electronRuntime(root: string, platform = process.platform): string {
  return path.join(root, 'node_modules/electron/dist', NAMES[platform] ?? 'electron');
}

/** Whether it is installed there. */
export function hasElectronRuntime(root: string): boolean {
  return existsSync(electronRuntime(root));
}
