import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuilderError, builderError } from '../../../src/shared/errors.ts';
import type { DataRun, Member } from '../../../src/main/engine/content/member-location.ts';
import { MemberIndex } from '../../../src/main/engine/archive/member-index.ts';
import { openPlainTar, TarStreamScanner } from '../../../src/main/engine/archive/tar-input.ts';
import { MAX_MEMBER_BYTES } from '../../../src/main/engine/archive/tar-parser.ts';
import { openZip } from '../../../src/main/engine/archive/zip.ts';
import {
  DETECT_BYTES,
  detectContainer,
} from '../../../src/main/engine/archive/detect-container.ts';
import type { CompressedContainer } from '../../../src/main/engine/codec/decoder-io.ts';
import { decodeFile } from '../../../src/main/engine/codec/decoder.ts';
import { FolderOutput } from '../../../src/main/engine/emit/folder-output.ts';
import { inspect } from '../../../src/main/engine/inspect/inspect.ts';
import { plan } from '../../../src/main/engine/plan/plan.ts';
import { ShardedMap } from '../../../src/main/engine/sharded.ts';
import { mutatedBytes } from '../mutate.ts';
import { sparseInputs, tarInputs } from '../tar-inputs.ts';
import { rule, type FuzzTarget } from '../target.ts';

function save(folder: string, input: Buffer): string {
  const path = join(folder, 'input');
  writeFileSync(path, input);
  return path;
}

function checkMembers(members: ReadonlyMap<string, Member>, size: number): void {
  for (const [name, member] of members) {
    rule(!name.startsWith('/') && !name.split('/').includes('..'), `member ${name} leaves`);
    const { location } = member;
    rule(location.kind !== 'file', 'a member has no place');
    if (location.kind === 'sparse') checkRuns(member.size, location.offset, location.runs, size);
    else {
      const end = location.offset + member.size;
      rule(location.offset >= 0 && end <= size, `${name} reaches beyond the archive`);
    }
  }
}

/** Runs ascend in the file and in the archive, and leave neither: what reads them relies on it. */
function checkRuns(size: number, offset: number, runs: readonly DataRun[], archive: number): void {
  let end = 0;
  let stored = offset;
  for (const run of runs) {
    rule(run.length > 0 && run.from >= end, 'runs overlap');
    rule(run.offset === stored, 'data of a run is not behind that of the last');
    end = run.from + run.length;
    stored += run.length;
  }
  rule(end <= size && size <= MAX_MEMBER_BYTES, 'a run reaches beyond its file');
  rule(stored <= archive, 'a run reaches beyond the archive');
}

/** As a stream, cut anywhere, a tar archive is what it is as a file: same members, or refused. */
async function runTar(input: Buffer, folder: string): Promise<void> {
  const path = save(folder, input);
  const asFile = await openPlainTar(path).then(
    ({ members }) => members,
    (error: unknown) => error,
  );
  let asStream: unknown;
  try {
    const index = new MemberIndex(path);
    const scanner = new TarStreamScanner(path, (member) => {
      index.add(member);
      return null;
    });
    const step = 1 + ((input[3] ?? 0) << 4);
    for (let at = 0; at < input.length; at += step) scanner.push(input.subarray(at, at + step));
    scanner.finish();
    asStream = index.members;
  } catch (error) {
    asStream = error;
  }
  if (!(asFile instanceof ShardedMap) || !(asStream instanceof ShardedMap)) {
    for (const either of [asFile, asStream])
      if (!(either instanceof ShardedMap) && !(either instanceof BuilderError)) throw either;
    rule(
      !(asFile instanceof ShardedMap) && !(asStream instanceof ShardedMap),
      'file and stream differ',
    );
    throw asFile;
  }
  checkMembers(asFile as ReadonlyMap<string, Member>, input.length);
  const reported = (members: ReadonlyMap<unknown, unknown>) =>
    JSON.stringify(Array.from(members, ([name, member]) => [name, describe(member as Member)]));
  rule(reported(asFile) === reported(asStream), 'file and stream have other members');
}

function describe({ size, location }: Member): unknown {
  return [size, location];
}

async function runZip(input: Buffer, folder: string): Promise<void> {
  const { members } = await openZip(save(folder, input));
  checkMembers(members, input.length);
}

/** Output is dropped: what comes out is judged by the reader behind it. */
function decoding(container: CompressedContainer): FuzzTarget {
  const space = new Uint8Array(64 * 1024);
  const output = {
    reserve: () => space,
    advance: (length: number) => rule(length <= space.length, 'more output than space'),
  };
  return {
    name: `codec-${container}`,
    faults: [],
    inputs: (corpus) => mutatedBytes(corpus),
    run: (input, folder) => decodeFile(save(folder, input), container, output),
  };
}

const OUTPUT_PATH = /^(manifest\.json|data\/[0-9a-f]{64}(\.zst)?|meta\/\d+\/[^\0]+)$/;

/** The whole way to a folder, but for the contents: nothing is written outside of it. */
async function runImage(input: Buffer, folder: string): Promise<void> {
  // Another target's; its decoder would need a thread.
  if (!['tar', null].includes(detectContainer(input.subarray(0, DETECT_BYTES))))
    throw builderError('not-an-archive', { file: folder });
  const image = await inspect(save(folder, input), { caDir: null, checkSignature: false });
  const [payload] = image.payloads;
  if (payload === undefined) return;
  const meta = { ecu_id: 'ecu', image_version: '', ota_metadata_version: 1 } as const;
  const made = plan([{ image, payload, meta }], 0);
  for (const { path } of made.files)
    rule(OUTPUT_PATH.test(path) && !path.split('/').includes('..'), `output has ${path}`);
  const place = join(folder, 'place');
  mkdirSync(place, { recursive: true });
  const output = new FolderOutput(join(place, 'output'), made);
  try {
    await output.prepare();
    const [building, ...others] = readdirSync(place);
    rule(building?.endsWith('.partial') === true && others.length === 0, 'more than one folder');
  } finally {
    await output.close();
  }
  rule(readdirSync(place).length === 0, 'something is left');
}

export const archiveTargets: readonly FuzzTarget[] = [
  { name: 'tar', faults: [], inputs: tarInputs, run: runTar },
  { name: 'sparse', faults: [], inputs: sparseInputs, run: runTar },
  { name: 'zip', faults: [], inputs: (corpus) => mutatedBytes(corpus), run: runZip },
  decoding('gzip'),
  decoding('zstd'),
  decoding('xz'),
  decoding('bzip2'),
  { name: 'image', faults: [], inputs: tarInputs, run: runImage },
];
