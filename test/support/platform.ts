import { onTestFinished } from 'vitest';

/**
 * Until the end of the test, `process.platform` is that of another system. Paths and system calls stay this
 * one's.
 */
export function pretendPlatform(platform: NodeJS.Platform): void {
  const real = Object.getOwnPropertyDescriptor(process, 'platform');
  if (real === undefined) throw new Error('process.platform is nothing that can be replaced');
  Object.defineProperty(process, 'platform', { ...real, value: platform });
  onTestFinished(() => void Object.defineProperty(process, 'platform', real));
}
