// Puts all of lib/ into one file, for the executable that has Node inside: `bundle-executable.mjs FILE`. Beside it,
// FILE.inputs.json lists what is in it, for components.mjs.
//
// The executable is /usr/bin/sescle. Its other files are in /usr/lib/sescle, where they lie as in the npm package.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { common } from './bundle-options.mjs';

const [outfile] = process.argv.slice(2);
if (outfile === undefined) throw new Error('usage: bundle-executable.mjs FILE');

const { metafile } = await build({
  ...common,
  entryPoints: ['lib/executable/main.ts'],
  outfile: path.resolve(outfile),
  metafile: true,
  sourcemap: false,
  // Names stay: a stack trace is to be read.
  minifyWhitespace: true,
  minifySyntax: true,
  // Node keeps a code cache for this format only, and gives it a require() that knows nothing but Node.
  format: 'cjs',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: {
    js:
      "const moduleUrl=new URL('../lib/sescle/dist/sescle.js',require('node:url').pathToFileURL(process.execPath)).href;" +
      "require=require('node:module').createRequire(moduleUrl);",
  },
});
writeFileSync(`${outfile}.inputs.json`, JSON.stringify(Object.keys(metafile.inputs)));
