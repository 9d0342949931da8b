/**
 * How to start npm from a script: `spawn('npm')` finds no program on Windows, where it is `npm.cmd`. npm tells
 * its scripts where its own program lies.
 * @param {readonly string[]} args
 * @returns {[command: string, args: string[]]}
 */
export function npm(args) {
  const program = process.env.npm_execpath;
  return program?.endsWith('.js') ? [process.execPath, [program, ...args]] : ['npm', [...args]];
}
