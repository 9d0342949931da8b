import type { Cell } from './cells/cell.ts';
import { STAGES } from './cells/cell.ts';
import { MATRIX } from './matrix.ts';
import { OUTPUTS } from './world.ts';

const WHAT: Readonly<Record<Cell['stage'], string>> = {
  inspect: 'The images are read',
  plan: 'The output is planned',
  check: 'With a stick: every file is proved before the stick is touched',
  open: 'With a stick: the writer is started, the stick checked and opened',
  look: 'With a stick that is refreshed: what it holds is looked at',
  prepare: 'Outputs are made; the stick’s old contents become unrecognisable',
  write: 'Files are written, and proved while they are',
  flush: 'Everything reaches the disk; files get their names',
  verify: 'With a stick: everything is read back',
  commit: 'With a stick: the block with the label is written',
  eject: 'With a stick: it is switched off',
};

/** The tables of docs/reliability.md, one for each stage. */
export function matrixPage(): string {
  return STAGES.map((stage) => {
    const rows = MATRIX.filter((cell) => cell.stage === stage).map(
      ({ fault, code, after }) =>
        `| ${fault} | ${code === null ? 'none' : `\`${code}\``} | ${afterwards(after)} |`,
    );
    const head = ['| fault | reported as | afterwards |', '| --- | --- | --- |'];
    return [`### ${stage}: ${WHAT[stage]}`, '', ...head, ...rows, ''].join('\n');
  }).join('\n');
}

/** Outputs of one fate together: `tar, img: nothing`. */
function afterwards(after: Cell['after']): string {
  const fates = new Map<string, string[]>();
  for (const name of OUTPUTS) {
    const fate = after[name];
    if (fate !== undefined) fates.set(fate, [...(fates.get(fate) ?? []), name]);
  }
  return Array.from(fates, ([fate, names]) => `${names.join(', ')}: ${fate}`).join('; ');
}
