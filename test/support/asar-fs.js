/**
 * Loaded before a program (`node --import`): lets Node's `fs` take paths with `.asar` in them for archives, as
 * Electron's does, and offers the unchanged functions as `original-fs`. As here no such archive is one, they all
 * fail. Works in worker threads too, which load it as their process does.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Every copy has its own object of promises, as Electron's has. */
const original = { ...fs, promises: { ...fs.promises } };
const builtin = process.getBuiltinModule.bind(process);
process.getBuiltinModule = (id) => (id === 'original-fs' ? original : builtin(id));

const refuse = (path) => {
  if (/\.asar/i.test(String(path))) throw new Error(`Invalid package ${String(path)}`);
};
for (const name of ['openSync', 'statSync', 'lstatSync', 'readFileSync', 'accessSync']) {
  const real = original[name];
  fs[name] = (path, ...rest) => (refuse(path), real(path, ...rest));
}
for (const name of ['open', 'stat', 'lstat', 'readdir', 'opendir', 'mkdir', 'rename', 'realpath']) {
  const real = original.promises[name];
  fs.promises[name] = async (path, ...rest) => (refuse(path), await real(path, ...rest));
}
syncBuiltinESMExports();
