// Runs the checks that need no test, side by side, and shows the output of each one that fails.
import { spawn } from 'node:child_process';
import { npm } from './npm.js';

const CHECKS = ['types', 'lint', 'layers', 'format', 'unused'];

const results = await Promise.all(CHECKS.map(run));
for (const { name, output } of results.filter((result) => result.status !== 0))
  console.error(`\n${name}: npm run ${name}\n\n${output.trim()}`);
console.log(results.map(({ name, status }) => `${status === 0 ? '✓' : '✗'} ${name}`).join('  '));
process.exitCode = results.every(({ status }) => status === 0) ? 0 : 1;

function run(name) {
  return new Promise((resolve, reject) => {
    const child = spawn(...npm(['run', '--silent', name]), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject).on('close', (status) => resolve({ name, status, output }));
  });
}
