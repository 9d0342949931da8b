// Preloaded by a test: a computer on which zstd-napi could not be compiled.
const Module = require('node:module');
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === 'zstd-napi/binding') throw new Error('no binary');
  return load.call(this, request, ...rest);
};
