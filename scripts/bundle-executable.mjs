// Puts all of lib/ into what the executable that has Node inside consists of: `bundle-executable.mjs DIRECTORY` writes
//
//   main.js          what Node starts: it tells the version, or loads a part
//   run.js           what a sweep loads, in one piece, for V8's code cache (scripts/make-code-cache.cjs)
//   parts/NAME.js    each of the other parts, loaded when it is wanted
//   inputs.json      what is in them, for components.mjs
//
// The executable is /usr/bin/sescle. Its other files are in /usr/lib/sescle, where they lie as in the npm package.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, transform } from 'esbuild';
import { common } from './bundle-options.mjs';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: bundle-executable.mjs DIRECTORY');

// Names stay: a stack trace is to be read.
const form = { minifyWhitespace: true, minifySyntax: true, sourcemap: false };

const { metafile, outputFiles } = await build({
  ...common,
  ...form,
  entryPoints: ['lib/executable/main.ts'],
  outdir: directory,
  splitting: true,
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  metafile: true,
  write: false,
  define: { 'import.meta.url': 'moduleUrl' },
});
const outputs = new Map(
  Object.entries(metafile.outputs).map(([file, output]) => [path.basename(file), output]),
);

/** A part, and the parts without which it cannot be loaded. */
function withNeeds(name, known = new Set()) {
  if (known.has(name)) return known;
  known.add(name);
  for (const { path: needed, kind } of outputs.get(name).imports) {
    if (kind === 'import-statement' && outputs.has(path.basename(needed))) {
      withNeeds(path.basename(needed), known);
    }
  }
  return known;
}

/** Node gives an executable's code no import: each part becomes a function that is given a require(). */
const parts = new Map();
for (const { path: file, text } of outputFiles) {
  const { code } = await transform(text, {
    ...form,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    supported: { 'dynamic-import': false },
  });
  // main.js reads it as it stands.
  if (/[^\0-\x7f]/.test(code)) throw new Error(`${file} is not ASCII`);
  parts.set(path.basename(file), `function(exports,require,module,moduleUrl){${code}}`);
}
const table = (names) =>
  `({${[...names].map((name) => `${JSON.stringify(`./${name}`)}:${parts.get(name)}`).join(',\n')}})`;

const first = withNeeds('main.js');
const [running] = [...outputs].find(([, { entryPoint }]) => entryPoint === 'lib/cli/run.ts');
const run = [...withNeeds(running)].filter((name) => !first.has(name));

writeFileSync(
  path.join(directory, 'main.js'),
  `const {getRawAsset}=require('node:sea');
const bytes=(name)=>Buffer.from(getRawAsset(name));
// esbuild writes ASCII: nothing has to be decoded.
const text=(name)=>bytes(name).latin1Slice();
const moduleUrl=new URL('../lib/sescle/dist/sescle.js',require('node:url').pathToFileURL(process.execPath)).href;
const ofNode=require('node:module').createRequire(moduleUrl);
const table=${table(first)};
const inRun=new Set(${JSON.stringify(run.map((name) => `./${name}`))});
const loaded=new Map();
function script(source,filename,cachedData){
  const {Script}=require('node:vm');
  return new Script(source,{filename,cachedData}).runInThisContext();
}
function part(name){
  if(table[name]===undefined&&inRun.has(name))
    Object.assign(table,script(text('run.js'),'sescle/run.js',bytes('run.cache')));
  return table[name]??=script('('+text(name)+')',\`sescle/\${name.slice(2)}\`);
}
function load(name){
  if(!name.startsWith('./'))return ofNode(name);
  let module=loaded.get(name);
  if(module===undefined){
    module={exports:{}};
    loaded.set(name,module);
    part(name)(module.exports,load,module,moduleUrl);
  }
  return module.exports;
}
load.resolve=ofNode.resolve;
load('./main.js');
`,
);
writeFileSync(path.join(directory, 'run.js'), table(run));
mkdirSync(path.join(directory, 'parts'));
const later = [...parts.keys()].filter((name) => !first.has(name) && !run.includes(name));
for (const name of later) writeFileSync(path.join(directory, 'parts', name), parts.get(name));
// Node's single executable: what is in it beside main.js. NODE_OPTIONS is another program's business.
writeFileSync(
  path.join(directory, 'config.json'),
  JSON.stringify({
    main: 'main.js',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    execArgvExtension: 'none',
    assets: {
      'run.js': 'run.js',
      'run.cache': 'run.cache',
      ...Object.fromEntries(later.map((name) => [`./${name}`, `parts/${name}`])),
    },
  }),
);
writeFileSync(path.join(directory, 'inputs.json'), JSON.stringify(Object.keys(metafile.inputs)));
