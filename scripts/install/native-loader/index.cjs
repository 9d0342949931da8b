const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** node-liblzma's binary: the one compiled here, else the one in its package (Windows, macOS). */
module.exports = function load(folder) {
  const compiled = join(folder, 'build/Release/node_lzma.node');
  const shipped = join(folder, `prebuilds/${process.platform}-${process.arch}/node-liblzma.node`);
  return require(existsSync(compiled) ? compiled : shipped);
};
