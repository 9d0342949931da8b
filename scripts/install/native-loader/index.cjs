const { statSync } = require('node:fs');
const { join } = require('node:path');

/** node-liblzma's binary: the one compiled here, else the one in its package (Windows, macOS). */
module.exports = function load(folder) {
  const compiled = join(folder, 'build/Release/node_lzma.node');
  const shipped = join(folder, `prebuilds/${process.platform}-${process.arch}/node-liblzma.node`);
  // Not existsSync: access(2) ignores capabilities, so it denies files that can be read.
  const isCompiled = statSync(compiled, { throwIfNoEntry: false }) !== undefined;
  return require(isCompiled ? compiled : shipped);
};
