#!/usr/bin/env -S node --max-semi-space-size=8
// The young generation is bounded in the line above: V8 would size it for the whole machine.
import '../runtime/compile-on-main-thread.ts';
import { currentFolder } from './current-folder.ts';
import { interruption } from './interruption.ts';
import { run } from './run.ts';

// npm runs scripts in the project's folder and tells the caller's.
const { npm_lifecycle_event: script, INIT_CWD: callerFolder } = process.env;

const { signal, exitCode } = interruption(process);

const exit = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  get cwd() {
    return script === 'cli' && callerFolder !== undefined ? callerFolder : currentFolder();
  },
  signal,
});
process.exitCode = await exitCode(exit);
