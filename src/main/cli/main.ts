#!/usr/bin/env -S node --max-semi-space-size=8
// The young generation is bounded in the line above: V8 would size it for the whole machine.
import { run } from './run.ts';

// A second Ctrl-C ends at once; the first lets the job remove what is not complete.
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
process.once('SIGTERM', () => controller.abort());

// npm runs scripts in the project's folder and tells the caller's.
const { npm_lifecycle_event: script, INIT_CWD: callerFolder } = process.env;

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: script === 'cli' && callerFolder !== undefined ? callerFolder : process.cwd(),
  signal: controller.signal,
});
