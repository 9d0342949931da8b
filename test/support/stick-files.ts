import { Ext4Reader } from '../../src/main/engine/ext4/reader/ext4-reader.ts';
import { MemoryReader } from './ext4/examine.ts';

/** Where the files of a stick begin, and what they hold, by path. Each lies in one run. */
export async function drivePlaces(
  memory: Uint8Array,
): Promise<Map<string, readonly [offset: number, bytes: Uint8Array]>> {
  const reader = await Ext4Reader.open(new MemoryReader(memory), 'stick');
  const found = new Map<string, readonly [number, Uint8Array]>();
  for await (const node of reader.walk()) {
    if (node.kind !== 'file' || node.firstBlock === null) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of reader.content(node)) chunks.push(chunk);
    found.set(node.path, [node.firstBlock * reader.blockSize, Buffer.concat(chunks)]);
  }
  return found;
}
