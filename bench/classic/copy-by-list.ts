import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRegular, tableLines } from '../../src/main/engine/inspect/legacy/tables.ts';

// The step of the classic way between extracting and packing: copies every file that regulars.txt
// lists to its name in the output's data folder. Arguments: extracted image, output folder.
const [image = '', output = ''] = process.argv.slice(2);
const data = join(output, 'data');
mkdirSync(data, { recursive: true });
for (const { text } of tableLines(readFileSync(join(image, 'regulars.txt')))) {
  const line = parseRegular(text);
  if (line === null) throw new Error(text);
  const name = line.compressed ? `${line.sha256}.zst` : line.sha256;
  const to = join(data, name);
  if (!existsSync(to))
    copyFileSync(join(image, line.compressed ? `data.zst/${name}` : `data${line.path}`), to);
}
