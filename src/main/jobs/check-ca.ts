import type { CaReport } from '../../shared/model/ca-report.ts';
import { readCaFolder } from '../engine/inspect/ca.ts';

/** Reads a CA folder before any image needs it. @throws `ca-unreadable` */
export async function checkCaFolder(dir: string): Promise<CaReport> {
  const { chains, withoutRoot } = await readCaFolder(dir);
  return { chains: chains.map(({ name }) => name), withoutRoot };
}
