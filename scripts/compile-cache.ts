import { join } from 'node:path';

/**
 * Where Node keeps what it made of each module: types stripped, code compiled. Tests start hundreds of
 * processes and engine threads, and each would do that again for most of its time. Node compares the
 * source before it takes anything from there. To be imported by the configurations of the test runners,
 * whose processes hand it on.
 */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/node');
