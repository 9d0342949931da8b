import { paxPart, type TarPart } from './tar-writer.ts';

/** Sparse files in the forms of GNU tar, lies included; whatever is no hole is an `x`. */

/** Offset and length of a run of data, bytes. */
export type SparseRun = readonly [from: number, length: number];

const octal = (value: number): string => value.toString(8).padStart(11, '0');

function writeRuns(block: Buffer, at: number, runs: readonly SparseRun[]): void {
  for (const [i, [from, length]] of runs.entries()) {
    block.write(octal(from), at + 24 * i);
    block.write(octal(length), at + 24 * i + 12);
  }
}

/**
 * A sparse file in GNU tar's old form: four runs in the header, more in a block behind it.
 * @param realSize bytes with the holes. @param stored bytes of data.
 */
export function oldSparse(
  runs: readonly SparseRun[],
  realSize: number,
  stored: number,
  more: Partial<TarPart> = {},
): TarPart {
  const behind = runs.slice(4);
  const block = Buffer.alloc(behind.length > 0 ? 512 : 0);
  writeRuns(block, 0, behind);
  return {
    name: 'f',
    type: 'S',
    content: Buffer.concat([block, Buffer.alloc(stored, 'x')]),
    size: stored,
    edit(header) {
      writeRuns(header, 386, runs.slice(0, 4));
      header[482] = behind.length > 0 ? 1 : 0;
      header.write(octal(realSize), 483);
    },
    ...more,
  };
}

/** A sparse file in the form of star: up to four runs, in another place. */
export function starSparse(runs: readonly SparseRun[], realSize: number, stored: number): TarPart {
  return {
    name: 'f',
    type: 'S',
    content: Buffer.alloc(stored, 'x'),
    edit(header) {
      toPosix(header);
      header.fill(0, 345, 512);
      writeRuns(header, 356, runs);
      header.write(octal(realSize), 452);
      header.write(`${octal(1)} ${octal(1)} `, 476);
      header.write('tar\0', 508);
    },
  };
}

/** GNU tar looks for pax records of a sparse file only with this magic. */
export function toPosix(header: Buffer): void {
  header.write('ustar\x0000', 257);
}

/**
 * A sparse file in a pax form, and a member behind it.
 * @param records without their `GNU.sparse.`.
 */
export function paxSparse(records: Record<string, string>, content: string | Buffer): TarPart[] {
  const named = Object.entries(records).map(([key, value]) => [`GNU.sparse.${key}`, value]);
  return [
    paxPart(Object.fromEntries(named) as Record<string, string>),
    { name: 'GNUSparseFile.0/f', content: Buffer.from(content), edit: toPosix },
    { name: 'z' },
  ];
}

/** What a member of version 1.0 holds: a map, filled up to a block, and data. */
export function mapAndData(text: string, stored: number): Buffer {
  const map = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  map.write(text);
  return Buffer.concat([map, Buffer.alloc(stored, 'x')]);
}
