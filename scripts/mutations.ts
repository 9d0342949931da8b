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
    text: 'wipe: wipeOf(request.size),',
    replacement: 'wipe: wipeOf(request.size).slice(1),',
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
];
