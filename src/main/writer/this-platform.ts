import { builderError } from '../../shared/errors.ts';
import { linuxPlatform } from './linux-platform.ts';
import { macPlatform } from './mac-platform.ts';
import type { WriterPlatform } from './platform.ts';
import { windowsPlatform } from './windows-platform.ts';

/** This system's platform. @throws `writer-refused` on a system that the writer does not know. */
export function writerPlatform(): WriterPlatform {
  if (process.platform === 'linux') return linuxPlatform;
  if (process.platform === 'darwin') return macPlatform;
  if (process.platform === 'win32') return windowsPlatform;
  throw builderError('writer-refused', { reason: `unknown system ${process.platform}` });
}
