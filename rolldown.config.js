/**
 * Puts the library and the commands into a few files each: Node takes a millisecond for every module
 * that it looks for, and a sweep of a small store takes no longer than that of a hundred.
 *
 * What is loaded on demand (discovery, the search, what reads a configuration file) stays apart.
 * The types beside it are tsc's.
 */
import { defineConfig } from 'rolldown';

// biome-ignore lint/style/noDefaultExport: rolldown asks for it
export default defineConfig({
  input: { index: 'lib/index.ts', 'cli/main': 'lib/cli/main.ts', 'demo/main': 'lib/demo/main.ts' },
  platform: 'node',
  // It finds the addon by the file that calls it.
  external: ['bindings'],
  output: {
    dir: 'dist',
    format: 'esm',
    // Not mangled: a stack trace is to be read.
    minify: { mangle: false, compress: true, codegen: true },
    sourcemap: true,
    // Beside index.js: lib/package.ts looks for package.json one directory above itself.
    chunkFileNames: '[name]-[hash].js',
  },
});
