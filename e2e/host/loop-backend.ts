import { parentPort } from 'node:worker_threads';
import { engineBackend } from '../../src/main/ipc/engine-backend.ts';
import { serve } from '../../src/main/ipc/rpc.ts';
import { handInDriveSource, systemDrives } from '../../src/main/drives/system-drives.ts';

/**
 * The real engine and the real writer with one loop device, which a test made, as its only USB
 * stick. Everything but the kind of the drive is what the system says.
 */
const device = process.env['OTA_HOST_LOOP'] ?? '';

handInDriveSource({
  list: async () => {
    const drives = await systemDrives.list();
    return drives
      .filter(({ identity }) => identity.path === device)
      .map((drive) => ({ ...drive, kind: 'usb' as const }));
  },
});

if (parentPort === null) throw new Error('runs in a worker thread');
serve(parentPort, engineBackend({ allowFixed: true }));
