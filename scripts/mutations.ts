/** A way to break the product in one line, and the test that must notice. */
export interface Mutation {
  /** What no longer holds. */
  readonly breaks: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  readonly test: string;
  /** A part of the titles of the tests to run; without it the whole file is run. */
  readonly title?: string;
}

const ENGINE = 'src/main/engine';
const FAULTS = 'test/faults/faults.test.ts';
const FUZZ = 'test/fuzz/fuzz.test.ts';
const VERDICT = 'src/shared/drive-verdict.ts';
const WRITER = 'src/main/writer';
const SESSION = `${WRITER}/session.ts`;

/** The heart of what people rely on. `npm run mutate` tries all. */
export const MUTATIONS: readonly Mutation[] = [
  {
    breaks: 'contents are compared with their hash',
    file: `${ENGINE}/pool/hash-role.ts`,
    text: "return actual === proof.sha256 ? null : 'its SHA-256 differs';",
    replacement: "return actual === '' ? 'its SHA-256 differs' : null;",
    test: `${ENGINE}/stream/check-contents.test.ts`,
  },
  {
    breaks: 'what a zst unpacks to is compared',
    file: `${ENGINE}/pool/hash-role.ts`,
    text: "return compare((this.#hash ?? createHash('sha256')).digest('hex'), this.#proof);",
    replacement: 'return null;',
    test: FAULTS,
    title: 'a compressed file unpacks to something else',
  },
  {
    breaks: 'the signature of a legacy image is checked',
    file: `${ENGINE}/inspect/legacy/signer.ts`,
    text: 'if (!verifyEs256(jwt, publicKey))',
    replacement: 'if (publicKey === null)',
    test: FAULTS,
    title: 'the signature is wrong',
  },
  {
    breaks: 'the signature of an OTA image v1 is checked',
    file: `${ENGINE}/inspect/v1/index-token.ts`,
    text: "verify('sha256', ",
    replacement: "((..._: unknown[]) => true)('sha256', ",
    test: `${ENGINE}/inspect/v1/index-token.test.ts`,
  },
  {
    breaks: 'an issuer must be a CA',
    file: `${ENGINE}/inspect/chain.ts`,
    text: 'if (constraints?.ca !== true) return false;',
    replacement: 'if (constraints === null) return false;',
    test: `${ENGINE}/inspect/chain.test.ts`,
  },
  {
    breaks: 'lists are compared with what was signed',
    file: `${ENGINE}/inspect/legacy/inspect-legacy.ts`,
    text: "if (createHash('sha256').update(bytes).digest('hex') !== hash)",
    replacement: "if (hash === '')",
    test: FAULTS,
    title: 'a list is not what was signed',
  },
  {
    breaks: 'a name cannot leave the archive’s folder',
    file: `${ENGINE}/archive/member-name.ts`,
    text: "if (parts.includes('..'))",
    replacement: "if (parts.includes('...'))",
    test: 'test/cli/refusals.test.ts',
    title: 'with a member called',
  },
  {
    breaks: 'an image that changed is not used',
    file: `${ENGINE}/emit/emit.ts`,
    text: 'if (!sameFingerprint(await fingerprint(input.path), input.fingerprint))',
    replacement: "if ((await fingerprint(input.path)).inode === '')",
    test: FAULTS,
    title: 'the image is replaced by an equal one',
  },
  {
    breaks: 'a target ends where it ends',
    file: `${ENGINE}/target/target-life.ts`,
    text: 'offset + length > this.#size)',
    replacement: 'offset + length > this.#size + 1)',
    test: 'test/support/memory-target.test.ts',
  },
  {
    breaks: 'a stick’s beginning and end are cleared',
    file: `${ENGINE}/ext4/layout/layout-ext4.ts`,
    text: 'wipe: wipeOf(size),',
    replacement: 'wipe: wipeOf(size).slice(1),',
    test: `${ENGINE}/ext4/layout/layout-ext4.test.ts`,
    title: 'clear',
  },
  {
    breaks: 'the superblock is written last',
    file: `${ENGINE}/emit/layout-output.ts`,
    text: 'await this.#target.prepare(this.#layout.wipe);',
    replacement: `await this.#target.prepare(this.#layout.wipe);
    await this.#writer.append(0, this.#layout.commit?.bytes ?? new Uint8Array());`,
    test: FAULTS,
    title: 'the stick: what was written does not reach it',
  },
  {
    breaks: 'blocks of directories have the right checksum',
    file: `${ENGINE}/ext4/format/directory.ts`,
    text: 'directoryBlockChecksum(seed, block));',
    replacement: 'directoryBlockChecksum(seed ^ 1, block));',
    test: `${ENGINE}/ext4/layout/layout-ext4.test.ts`,
  },
  {
    breaks: 'a tar archive has its end',
    file: `${ENGINE}/tar/layout.ts`,
    text: 'const size = Math.ceil((end + 2 * BLOCK) / RECORD) * RECORD;',
    replacement: 'const size = end;',
    test: `${ENGINE}/tar/layout.test.ts`,
  },
  {
    breaks: 'files of a folder reach the disk before it gets its name',
    file: `${ENGINE}/emit/folder-output.ts`,
    text: 'await handle.sync();',
    replacement: 'await handle.stat();',
    test: FAULTS,
    title: 'what was written does not reach the disk (folder)',
  },
  {
    breaks: 'a file of somebody else is not replaced',
    file: `${ENGINE}/target/file.ts`,
    text: 'await link(from, to);',
    replacement: 'return await rename(from, to);',
    test: FAULTS,
    title: 'somebody makes the tar meanwhile',
  },
  {
    breaks: 'a stick is read back before it becomes recognisable',
    file: 'src/main/jobs/build.ts',
    text: 'await verifyDrive(target, plan, commitBlock, context, checkSignature);',
    replacement: 'void commitBlock, checkSignature;',
    test: FAULTS,
    title: 'a bit is not what was written',
  },
  {
    breaks: 'the held-back block is seen while reading back',
    file: 'src/main/jobs/drive-reader.ts',
    text: 'if (overlay !== null) lay(overlay, bytes, from);',
    replacement: 'if (overlay === null) return bytes;',
    test: FAULTS,
    title: 'nothing goes wrong (none)',
  },
  {
    breaks: 'contents are proved before a stick is touched',
    file: 'src/main/jobs/build.ts',
    text: 'await checkPlanContents(plan,',
    replacement: 'void (plan,',
    test: FAULTS,
    title: 'at check',
  },
  {
    breaks: 'a disk that is swap is never erased',
    file: 'src/shared/drive-verdict.ts',
    text: 'if (drive.swaps.length > 0)',
    replacement: 'if (drive.swaps.length > 1)',
    test: 'src/shared/drive-verdict.test.ts',
  },
  {
    breaks: 'a stick that was unplugged meanwhile is another one',
    file: 'src/shared/model/drive.ts',
    text: 'a.generation === b.generation',
    replacement: 'a.generation !== null',
    test: 'src/shared/drive-verdict.test.ts',
  },
  {
    breaks: 'the writer writes within its device',
    file: 'src/main/writer/session.ts',
    text: 'if (offset + length > this.#device.size)',
    replacement: 'if (offset > this.#device.size)',
    test: FUZZ,
    title: 'whatever session is given',
  },
  {
    breaks: 'what a page sends has its schema',
    file: 'src/main/ipc/router.ts',
    text: 'commands[name].payload.parse(payload) as PayloadOf<C>',
    replacement: 'payload as PayloadOf<C>',
    test: FUZZ,
    title: 'whatever ipc is given',
  },
  {
    breaks: 'a disk that holds the system is never erased',
    file: VERDICT,
    text: 'if (system !== undefined || drive.system)',
    replacement: 'if (drive.system)',
    test: 'src/shared/drive-verdict.test.ts',
  },
  {
    breaks: 'a disk that is mounted elsewhere is never erased',
    file: VERDICT,
    text: 'if (elsewhere !== undefined)',
    replacement: "if (elsewhere === '')",
    test: 'src/shared/drive-verdict.test.ts',
  },
  {
    breaks: 'a disk that an active volume holds is never erased',
    file: VERDICT,
    text: 'if (holder !== undefined)',
    replacement: "if (holder === '')",
    test: 'src/shared/drive-verdict.test.ts',
  },
  {
    breaks: 'a disk that is built in is erased with --allow-fixed only',
    file: VERDICT,
    text: "if (drive.kind === 'fixed' && !rules.allowFixed)",
    replacement: "if (drive.kind === 'fixed' && rules.allowFixed)",
    test: 'src/shared/drive-verdict.test.ts',
  },
  {
    breaks: 'a partition is judged with its whole disk',
    file: VERDICT,
    text: 'const mounts = drive.mounts.map((mount) => mount.path);',
    replacement:
      'const mounts = partition === null ? drive.mounts.map((mount) => mount.path) : [];',
    test: 'src/shared/drive-verdict.test.ts',
  },
  {
    breaks: 'the writer judges a drive by itself',
    file: `${WRITER}/open-target.ts`,
    text: 'if (!verdict.usable) throw',
    replacement: 'if (!verdict.usable && allowFixed) throw',
    test: `${WRITER}/open-target.test.ts`,
  },
  {
    breaks: 'the writer looks again when it has the drive',
    file: `${WRITER}/open-target.ts`,
    text: 'const opened = await findTarget(job);',
    replacement: 'const opened = target;',
    test: `${WRITER}/open-target.test.ts`,
  },
  {
    breaks: 'the writer keeps away from a drive that others write',
    file: `${WRITER}/open-target.ts`,
    text: "if (user !== '')",
    replacement: "if (user === ' ')",
    test: `${WRITER}/open-target.test.ts`,
  },
  {
    breaks: 'the writer claims its device',
    file: `${WRITER}/linux-platform.ts`,
    text: 'const flags = O_RDWR | O_EXCL | O_NOFOLLOW | O_NONBLOCK;',
    replacement: 'const flags = O_RDWR | (O_EXCL & 0) | O_NOFOLLOW | O_NONBLOCK;',
    test: 'test/root/refusals.test.ts',
    title: 'a device that a container has mounted',
  },
  {
    breaks: 'the writer opens no link',
    file: `${WRITER}/linux-platform.ts`,
    text: 'O_EXCL | O_NOFOLLOW | O_NONBLOCK;',
    replacement: 'O_EXCL | (O_NOFOLLOW & 0) | O_NONBLOCK;',
    test: 'test/root/open-device.test.ts',
    title: 'is not opened through a link',
  },
  {
    breaks: 'the writer compares the device that it opened',
    file: `${WRITER}/linux-platform.ts`,
    text: 'if (blockDeviceNumber(await handle.stat()) !== deviceNumber)',
    replacement: 'if (!(await handle.stat()).isBlockDevice())',
    test: 'test/root/open-device.test.ts',
    title: 'of another number',
  },
  {
    breaks: 'a device is known under any name',
    file: `${WRITER}/linux-users.ts`,
    text: 'parts.some(({ deviceNumber }) => deviceNumber === number)',
    replacement: 'parts.some((part) => number !== null && part.path === path)',
    test: 'test/root/refusals.test.ts',
    title: 'under another name',
  },
  {
    breaks: 'only the drive that is meant is unmounted',
    file: `${WRITER}/linux-users.ts`,
    text: 'source === path)',
    replacement: 'source.startsWith(path))',
    test: `${WRITER}/linux-users.test.ts`,
  },
  {
    breaks: 'a job of another user is refused',
    file: `${WRITER}/job-file.ts`,
    text: 'if (stats.uid !== uid)',
    replacement: 'if (stats.uid < 0)',
    test: 'test/root/writer-attacks.test.ts',
    title: 'belongs to another user',
  },
  {
    breaks: 'a job that others can read is refused',
    file: `${WRITER}/job-file.ts`,
    text: '(stats.mode & 0o077) !== 0',
    replacement: '(stats.mode & 0o002) !== 0',
    test: 'test/root/writer-attacks.test.ts',
    title: 'is open to others',
  },
  {
    breaks: 'the app proves itself to the writer',
    file: `${WRITER}/greet.ts`,
    text: "if (!isProof(proof, prove(secret, 'app', nonces)))",
    replacement: "if (typeof proof !== 'string')",
    test: 'test/root/writer-attacks.test.ts',
    title: 'does not know the secret',
  },
  {
    breaks: 'what was cleared is read back',
    file: SESSION,
    text: 'if (found.some((byte) => byte !== 0))',
    replacement: 'if (found.length === 0)',
    test: `${WRITER}/session.test.ts`,
  },
  {
    breaks: 'a stick is cleared before it is written',
    file: SESSION,
    text: 'await this.#device.clear(offset + done, Math.min(ZEROS, length - done));',
    replacement: 'continue;',
    test: `${WRITER}/session.test.ts`,
  },
  {
    breaks: 'a stick that holds less than it says is refused',
    file: SESSION,
    text: 'if (holds < identity.size)',
    replacement: 'if (holds < 0)',
    test: `${WRITER}/session.test.ts`,
  },
  {
    breaks: 'marks are read back from the whole stick',
    file: `${WRITER}/capacity.ts`,
    text: 'if (!bytes.equals(await device.read(offset, PROBE)))',
    replacement: 'if (!bytes.equals(await device.read(offset, PROBE)) && offset === 0)',
    test: `${WRITER}/session.test.ts`,
  },
  {
    breaks: 'nothing is written before a stick was prepared',
    file: SESSION,
    text: `async #write(offset: number, payload: Uint8Array): Promise<void> {
    this.#expect('writing');`,
    replacement: `async #write(offset: number, payload: Uint8Array): Promise<void> {
    this.#expect('new', 'writing');`,
    test: `${WRITER}/session.test.ts`,
  },
  {
    breaks: 'what was written is on the medium before the commit',
    file: SESSION,
    text: `await this.#device.flush();
        if (piece.length > 0)`,
    replacement: 'if (piece.length > 0)',
    test: `${WRITER}/session.test.ts`,
  },
  {
    breaks: 'a commit is read back',
    file: SESSION,
    text: 'if (Buffer.compare(found, piece) !== 0)',
    replacement: 'if (found.length !== piece.length)',
    test: `${WRITER}/session.test.ts`,
  },
  {
    breaks: 'a write past the cache is on the medium when it is told',
    file: `${WRITER}/block-device.ts`,
    text: 'if (!this.direct) await this.flush();',
    replacement: 'if (this.direct) await this.flush();',
    test: `${WRITER}/block-device.test.ts`,
  },
  {
    breaks: 'what is read back comes from the medium, not from the cache',
    file: `${WRITER}/block-device.ts`,
    text: 'if (this.#cached && !this.direct) await this.#dropCache();',
    replacement: 'if (this.#cached && this.direct) await this.#dropCache();',
    test: `${WRITER}/block-device.test.ts`,
  },
  {
    breaks: 'what stands around a piece is kept',
    file: `${WRITER}/block-device.ts`,
    text: 'to - from === bytes.length',
    replacement: 'to - from >= bytes.length',
    test: `${WRITER}/block-device.test.ts`,
  },
  {
    breaks: 'files whose bytes no hash proves are compared',
    file: 'src/main/jobs/verify-drive.ts',
    text: 'Buffer.compare(bytes, source.bytes) !== 0',
    replacement: 'bytes.length !== source.bytes.length',
    test: 'src/main/jobs/verify-drive.test.ts',
  },
  {
    breaks: 'a stick with faults is not completed',
    file: 'src/main/jobs/verify-drive.ts',
    text: 'if (report.complete) return;',
    replacement: 'if (report.fileCount !== 0) return;',
    test: FAULTS,
    title: 'the stick: a bit is not what was written',
  },
  {
    breaks: 'an image that is known is the one that was inspected',
    file: 'src/main/jobs/inspect.ts',
    text: '(now) => sameFingerprint(now, report.fingerprint),',
    replacement: '(now) => now.size === report.fingerprint.size,',
    test: 'src/main/jobs/known-images.test.ts',
  },
  {
    breaks: 'an image is compared also after it was read',
    file: `${ENGINE}/emit/emit.ts`,
    text: `// Also afterwards: what was replaced while it was read is not what was inspected.
  await checkUnchanged(input);`,
    replacement: '// Also afterwards.',
    test: `${ENGINE}/emit/emit.test.ts`,
  },
  {
    breaks: 'who cancels before the commit gets none',
    file: 'src/main/jobs/build.ts',
    text: `context.signal.throwIfAborted();
      await output.commit();`,
    replacement: 'await output.commit();',
    test: FAULTS,
    title: 'at commit',
  },
  {
    breaks: 'what was cancelled is given no name',
    file: 'src/main/jobs/settling.ts',
    text: `signal.throwIfAborted();
      committing = true;`,
    replacement: 'committing = true;',
    test: 'src/main/jobs/settling.test.ts',
    title: 'is given no name',
  },
  {
    breaks: 'a cancelled job waits for no removal',
    file: 'src/main/jobs/settling.ts',
    text: 'if (!committing) ending.fail(signal.reason);',
    replacement: 'if (committing) ending.fail(signal.reason);',
    test: 'src/main/jobs/settling.test.ts',
    title: 'settles at once',
  },
  {
    breaks: 'nothing is written after an error',
    file: `${ENGINE}/target/target-life.ts`,
    text: "if (this.#state !== 'closed') this.#state = 'failed';",
    replacement: "if (this.#state === 'failed') this.#state = 'closed';",
    test: `${ENGINE}/target/file.test.ts`,
    title: 'ends everything',
  },
  {
    breaks: 'what a disk did not take at once is written too',
    file: `${ENGINE}/target/file.ts`,
    text: 'return bytesWritten === bytes.length;',
    replacement: 'return bytesWritten > 0;',
    test: `${ENGINE}/target/file.test.ts`,
    title: 'where a disk takes',
  },
  {
    breaks: 'the tail of a file goes through the page cache',
    file: `${ENGINE}/target/file.ts`,
    text: `if (isUnsupported(error)) return false;
      throw error;
    }
  }

  #open`,
    replacement: `throw error;
    }
  }

  #open`,
    test: `${ENGINE}/target/file.test.ts`,
    title: 'where a disk takes',
  },
  {
    breaks: 'a file without a commit is removed',
    file: `${ENGINE}/target/file.ts`,
    text: 'if (!this.#committed)',
    replacement: 'if (this.#committed)',
    test: `${ENGINE}/target/file.test.ts`,
    title: 'leaves nothing',
  },
  {
    breaks: 'a certificate that has expired is refused',
    file: `${ENGINE}/inspect/chain.ts`,
    text: 'return certificate.validFromDate <= now && now <= certificate.validToDate;',
    replacement: 'return certificate.validFromDate <= now;',
    test: `${ENGINE}/inspect/chain.test.ts`,
  },
  {
    breaks: 'an archive that is cut off is refused',
    file: `${ENGINE}/codec/zstd.ts`,
    text: 'if (pending !== 0) throw',
    replacement: 'if (pending < 0) throw',
    test: `${ENGINE}/codec/decoder.test.ts`,
  },
  {
    breaks: 'a thread reads the bytes that it is to hash',
    file: `${ENGINE}/pool/segment-reader.ts`,
    text: 'into.length - done, offset + done)',
    replacement: 'into.length - done, offset + done + 1)',
    test: `${ENGINE}/pool/pool.test.ts`,
    title: 'threads read what they hash',
  },
  {
    breaks: 'a stick is written in ascending order, one write at a time',
    file: `${ENGINE}/emit/chunk-writer.ts`,
    text: 'target.anyOrder ? WRITES_AT_ONCE : 1',
    replacement: 'WRITES_AT_ONCE',
    test: `${ENGINE}/emit/chunk-writer.test.ts`,
  },
  {
    breaks: 'room is written after it was filled',
    file: `${ENGINE}/emit/chunk-writer.ts`,
    text: 'await filled?.promise;',
    replacement: 'void filled?.promise;',
    test: `${ENGINE}/emit/layout-output.test.ts`,
  },
  {
    breaks: 'a plain image is still the inspected one when all of it was read',
    file: `${ENGINE}/emit/emit.ts`,
    text: 'if (placing !== null) await checkAllUnchanged(plan);',
    replacement: '',
    test: `${ENGINE}/emit/emit.test.ts`,
    title: 'placed',
  },
  {
    breaks: 'metadata that cannot be written fails the file',
    file: `${ENGINE}/emit/layout-output.ts`,
    text: 'this.#writer.fail(error);',
    replacement: 'void error;',
    test: `${ENGINE}/emit/layout-output.test.ts`,
    title: 'metadata that cannot be written',
  },
];
