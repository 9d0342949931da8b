/** For the environment of processes that are given little: where Node keeps what it made of each module. */
export const COMPILE_CACHE: NodeJS.ProcessEnv = {
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
};
