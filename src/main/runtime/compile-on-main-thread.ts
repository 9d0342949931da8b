/**
 * Imported before anything else by programs that run on Node: V8's two quick compilers, Sparkplug and Maglev, no
 * longer work on other threads. Such a thread may wait for the main thread to collect garbage. A main thread that ends
 * the process waits for that thread in turn, and the process never ends
 * (https://github.com/nodejs/node/issues/54918).
 *
 * The optimizing compiler stays on its threads: what it makes is put on the heap by the main thread.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-concurrent-sparkplug');
setFlagsFromString('--no-maglev');
