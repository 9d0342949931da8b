import type { Cell } from './cells/cell.ts';
import { inputCells } from './cells/input.ts';
import { outputCells } from './cells/output.ts';

/** Every cell there is; docs/reliability.md shows it. */
export const MATRIX: readonly Cell[] = [...inputCells, ...outputCells];
