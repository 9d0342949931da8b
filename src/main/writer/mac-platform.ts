import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { builderError } from '../../shared/errors.ts';
import { DISKUTIL } from '../drives/mac.ts';
import { BlockDevice } from './block-device.ts';
import type { WriterPlatform } from './platform.ts';
import { runTool } from './run-tool.ts';

/** O_EXLOCK of macOS, which Node does not name: fails when another has the device open with it. */
const O_EXLOCK = 0x20;

/** Not tested on real machines. */
export const macPlatform: WriterPlatform = {
  unmount: async ({ drive, identity, partition, name, access }) => {
    const command = partition === null ? 'unmountDisk' : 'unmount';
    try {
      // Spotlight keeps files of every volume open. What is to be erased anyway may be taken from it, but
      // only when asking was not enough.
      await runTool([DISKUTIL], [command, identity.path]).catch((error: unknown) => {
        if (access !== 'write') throw error;
        return runTool([DISKUTIL], [command, 'force', identity.path]);
      });
    } catch (error) {
      const mount = drive.mounts[0]?.path ?? identity.path;
      throw builderError('drive-unmount-failed', { drive: name, mount, user: '' }, error);
    }
  },

  mayStayMounted: false,
  clear: () => Promise.resolve(),

  open: async ({ identity, access }, scratch) => {
    const { O_RDONLY, O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants;
    // The raw device bypasses the cache, as O_DIRECT does on Linux.
    const raw = identity.path.replace(/^\/dev\/disk/, '/dev/rdisk');
    const mode = access === 'write' ? O_RDWR : O_RDONLY;
    const handle = await open(raw, mode | O_NOFOLLOW | O_NONBLOCK | O_EXLOCK);
    // Node's fsync is F_FULLFSYNC, which fails on devices. The disk's own cache is flushed by the eject.
    const facts = { size: identity.size, blockSize: 4096, direct: true, syncs: false };
    return new BlockDevice(handle, scratch, { ...facts, dropCache: () => Promise.resolve() });
  },

  usersOf: () => Promise.resolve(''),
  othersWriting: () => Promise.resolve(''),
  // Nothing there knows ext4.
  recognise: () => Promise.resolve(null),
  // The system looks again by itself when the device is closed.
  reread: () => Promise.resolve(),

  // diskutil refuses what is open, and it is the eject that flushes what was written.
  closesBeforeEject: true,
  eject: async ({ drive }) => {
    await runTool([DISKUTIL], ['eject', drive.identity.path]);
  },
};
