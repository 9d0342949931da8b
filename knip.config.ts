import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    // The programs of the product: app, its pages' bridge, job worker, command line, elevated writer, threads.
    'src/main/{index,preload,backend}.ts',
    'src/main/writer/launcher.ts',
    'src/main/writer/main.ts',
    'src/main/elevation/sudo-prompt-host.ts',
    'src/main/engine/pool/worker.ts',
    // What people and package.json run.
    'bench/**/*.{ts,js}',
    'scripts/*.{js,ts}',
    'scripts/install/**/*.{js,cjs}',
    'e2e/**/*.spec.ts',
    // Loaded by path, in a process of their own.
    'e2e/host/{hook,electron,on-electron,recording-fpm}.{ts,js}',
    'test/support/examples/*.ts',
    'test/usb/**/*.ts',
    'test/fuzz/{run,child,make-corpus}.ts',
    'test/long-run/builds.ts',
  ],
  project: ['{src,e2e,bench,scripts,test}/**/*.{ts,tsx,js,cjs}'],
  // A helper may stand before the test that will use it.
  ignoreFiles: ['test/support/**'],
  ignoreDependencies: [
    // Started by its path from scripts/install/build-native.js.
    'node-gyp',
    // Stand-ins for what the native packages ask for: docs/adr/0007.
    'node-gyp-build',
    'prebuild-install',
  ],
  ignoreExportsUsedInFile: true,
  rules: {
    // System tools: test/system-packages.json brings them.
    binaries: 'off',
    // An export may stand before the room that will import it.
    exports: 'warn',
    types: 'warn',
  },
};

export default config;
