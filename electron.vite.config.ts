import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

export default defineConfig({
  main: {
    build: {
      rolldownOptions: {
        input: {
          index: 'src/main/index.ts',
          backend: 'src/main/backend.ts',
          cli: 'src/main/cli/main.ts',
          worker: 'src/main/engine/pool/worker.ts',
        },
        // No subfolder: modules find the threads' entries beside themselves.
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    build: {
      rolldownOptions: {
        input: { preload: 'src/main/preload.ts' },
        // A sandboxed preload script is CommonJS, and a `.js` here would count as an ES module.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    build: {
      rolldownOptions: { input: 'src/renderer/index.html' },
      assetsInlineLimit: 0,
      minify: true,
      // The page comes from the disk, so one file is as good as several; kB.
      chunkSizeWarningLimit: 2000,
    },
  },
});
