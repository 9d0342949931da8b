// `npm run test:times`: what each test file of the last `npm test` took, the most of the processor first.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = new URL('../node_modules/.cache/test-results/', import.meta.url);

const lines = read('times.jsonl')
  .split('\n')
  .filter((line) => line !== '');
const files = new Map();
for (const { file, seconds, processor } of lines.map((line) => JSON.parse(line))) {
  const name = relative(root, file);
  const sum = files.get(name) ?? { seconds: 0, processor: 0 };
  files.set(name, { seconds: sum.seconds + seconds, processor: sum.processor + processor });
}

const number = (value) => value.toFixed(1).padStart(10);
const row = (name, { processor, seconds }) =>
  console.log(`${number(processor)}${number(seconds)}  ${name}`);
console.log(`${'processor'.padStart(10)}${'seconds'.padStart(10)}  file`);
const sum = { processor: 0, seconds: 0 };
for (const [name, time] of [...files].sort(([, a], [, b]) => b.processor - a.processor)) {
  row(name, time);
  for (const key of Object.keys(sum)) sum[key] += time[key];
}
row(`${files.size} files`, sum);

const parts = Object.entries(JSON.parse(read('parts.json')));
console.log(`\nparts: ${parts.map(([name, seconds]) => `${name} ${seconds} s`).join(', ')}`);

function read(name) {
  try {
    return readFileSync(new URL(name, results), 'utf8');
  } catch {
    console.error('There are no times: `npm test` leaves them when it comes to its end.');
    process.exit(1);
  }
}
