// Puts the library and the commands of lib/ into a few files in dist/: Node takes a millisecond for
// every module that it looks for, and a sweep of a small store takes no longer than that of a hundred.
//
// What is loaded on demand (discovery, the search, what reads a configuration file) stays apart.
// The types beside it are tsc's.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const outdir = path.resolve(import.meta.dirname, '../dist');

// Chunks have a name of their own each time; those of earlier builds would be packed too.
for (const name of readdirSync(outdir)) {
  if (/\.js(\.map)?$/.test(name)) rmSync(path.join(outdir, name));
}

await build({
  absWorkingDir: path.dirname(outdir),
  entryPoints: [
    'lib/index.ts',
    'lib/cli/main.ts',
    'lib/monitor/stamps-child.ts',
    'lib/stores/discovery-child.ts',
    'lib/tables/child.ts',
    'lib/tables/owner-child.ts',
    'lib/telemetry/textfile-child.ts',
    'lib/demo/main.ts',
  ],
  outdir,
  outbase: 'lib',
  bundle: true,
  // Chunks are put beside index.js: lib/package.ts looks for package.json one directory above itself.
  splitting: true,
  chunkNames: '[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  // It finds the addon by the file that calls it.
  external: ['bindings'],
  // Names stay: a stack trace is to be read.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  logLevel: 'warning',
  // What is CommonJS among the dependencies asks for Node's own modules by it.
  banner: {
    js: "import{createRequire as createRequireOf}from'node:module';const require=createRequireOf(import.meta.url);",
  },
});
