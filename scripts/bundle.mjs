// Puts the library and the commands of lib/ into a few files in dist/: Node takes a millisecond for
// every module that it looks for, and a sweep of a small store takes no longer than that of a hundred.
// The demonstration of demo/ becomes a file of its own, which runs the library in dist/ as anybody's would.
//
// What is loaded on demand (discovery, the search, what reads a configuration file) stays apart.
// The types beside it are tsc's.
import path from 'node:path';
import { build } from 'esbuild';
import { common } from './bundle-options.mjs';

const outdir = path.resolve(import.meta.dirname, '../dist');

await build({
  ...common,
  entryPoints: [
    'lib/index.ts',
    'lib/cli/main.ts',
    'lib/clock/state-child.ts',
    'lib/monitor/stamps-child.ts',
    'lib/stores/discovery-child.ts',
    'lib/stores/search-child.ts',
    'lib/tables/child.ts',
    'lib/tables/owner-child.ts',
    'lib/telemetry/textfile-child.ts',
  ],
  outdir,
  outbase: 'lib',
  // Chunks are put beside index.js: lib/package.ts looks for package.json one directory above itself.
  splitting: true,
  chunkNames: '[name]-[hash]',
  // It finds the addon by the file that calls it.
  external: ['bindings'],
  // Names stay: a stack trace is to be read.
  minifyWhitespace: true,
  minifySyntax: true,
  // What is CommonJS among the dependencies asks for Node's own modules by it.
  banner: {
    js: "import{createRequire as createRequireOf}from'node:module';const require=createRequireOf(import.meta.url);",
  },
});

const builtLibrary = {
  name: 'built-library',
  setup({ onResolve }) {
    onResolve({ filter: /\/lib\/index\.js$/ }, () => ({
      path: '../../dist/index.js',
      external: true,
    }));
  },
};

await build({
  ...common,
  entryPoints: ['demo/main.ts'],
  outdir: 'demo/build',
  plugins: [builtLibrary],
});
