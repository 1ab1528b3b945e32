// Puts all of lib/ into what the executable that has Node inside consists of: `bundle-executable.mjs DIRECTORY` writes
//
//   main.js          what Node starts: it loads the parts
//   first.js         what every command loads: alone it tells the version
//   run.js           what a sweep loads beside it
//   parts/NAME.js    each of the other parts, loaded when it is wanted
//   inputs.json      what is in them, for components.mjs
//
// esbuild divides lib/ into parts. What a sweep needs is put together again, so that one function calls another
// directly: from part to part each use of a name is a call. first.js and run.js come with V8's code cache
// (scripts/make-code-cache.cjs).
//
// The executable is /usr/bin/sescle. Its other files are in /usr/lib/sescle, where they lie as in the npm package.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, transform } from 'esbuild';
import { common } from './bundle-options.mjs';
import { Parts } from './merge-parts.mjs';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: bundle-executable.mjs DIRECTORY');

// Names stay: a stack trace is to be read.
const form = { minifyWhitespace: true, minifySyntax: true, sourcemap: false };
/** Node gives an executable's code no import: each part becomes a function that is given a require(). */
const asFunction = {
  ...form,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  supported: { 'dynamic-import': false },
};

const result = await build({
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
const parts = new Parts(result);

function functionOf(code, name) {
  // main.js reads it as it stands.
  if (/[^\0-\x7f]/.test(code)) throw new Error(`${name} is not ASCII`);
  return `function(exports,require,module,moduleUrl){${code}}`;
}

/** Several parts in one, which exports exportsOf(): the exports of each by its name, for the parts outside. */
async function inOne(names, asName) {
  const imports = [];
  const cases = [];
  for (const [index, name] of names.entries()) {
    const local = (exported) => `of${index}_${exported}`;
    const exported = parts.exportsOf(name);
    const list = exported.map((each) => `${each} as ${local(each)}`);
    imports.push(`import{${list}}from"./${name}";`);
    const getters = exported.map((each) => `get ${each}(){return ${local(each)}}`);
    cases.push(`case"./${name}":return{${['__esModule:true', ...getters]}};`);
  }
  const contents = `${imports.join('\n')}\nexport function exportsOf(name){switch(name){${cases.join('')}}}`;
  const { outputFiles } = await parts.inOne(names, contents, asFunction);
  return functionOf(outputFiles[0].text.trim(), asName);
}

const first = parts.withNeeds('main.js');
const run = parts
  .withNeeds(parts.ofEntry('lib/cli/run.ts'))
  .filter((name) => !first.includes(name));
const asKeys = (names) => JSON.stringify(names.map((name) => `./${name}`));

writeFileSync(
  path.join(directory, 'main.js'),
  `const {getRawAsset}=require('node:sea');
const bytes=(name)=>Buffer.from(getRawAsset(name));
// esbuild writes ASCII: nothing has to be decoded.
const text=(name)=>bytes(name).latin1Slice();
const moduleUrl=new URL('../lib/sescle/dist/sescle.js',require('node:url').pathToFileURL(process.execPath)).href;
const inFirst=new Set(${asKeys(first)});
const inRun=new Set(${asKeys(run)});
const loaded=new Map();
let run;
function script(source,filename,cachedData){
  const {Script}=require('node:vm');
  return new Script(source,{filename,cachedData}).runInThisContext();
}
const cached=(name)=>script(text(name+'.js'),\`sescle/\${name}.js\`,bytes(name+'.cache'));
function evaluated(part,module={exports:{}}){
  part(module.exports,load,module,moduleUrl);
  return module.exports;
}
function exportsOf(name){
  if(inFirst.has(name))return first.exports.exportsOf(name);
  if(inRun.has(name)){
    run??=evaluated(cached('run'));
    return run.exportsOf(name);
  }
  const module={exports:{}};
  loaded.set(name,module.exports);
  return evaluated(script('('+text(name)+')',\`sescle/\${name.slice(2)}\`),module);
}
function load(name){
  // All else is Node's own.
  if(!name.startsWith('./'))return require(name);
  let found=loaded.get(name);
  if(found===undefined){
    found=exportsOf(name);
    loaded.set(name,found);
  }
  return found;
}
// For bindings, which looks for the addon by whole paths. Node's own loads a module for it.
load.resolve=(file)=>{
  try{return require('node:fs').realpathSync.native(file)}
  catch(cause){throw Object.assign(new Error(\`Cannot find module '\${file}'\`,{cause}),{code:'MODULE_NOT_FOUND'})}
};
// It begins to run while it is evaluated.
const first={exports:{}};
evaluated(cached('first'),first);
`,
);
for (const [name, names] of Object.entries({ first, run })) {
  writeFileSync(path.join(directory, `${name}.js`), `(${await inOne(names, name)})`);
}
mkdirSync(path.join(directory, 'parts'));
const later = parts.names.filter((name) => !first.includes(name) && !run.includes(name));
for (const name of later) {
  const { code } = await transform(parts.textOf(name), asFunction);
  writeFileSync(path.join(directory, 'parts', name), functionOf(code, name));
}
// Node's single executable: what is in it beside main.js. NODE_OPTIONS is another program's business.
writeFileSync(
  path.join(directory, 'config.json'),
  JSON.stringify({
    main: 'main.js',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    execArgvExtension: 'none',
    assets: {
      ...Object.fromEntries(
        ['first.js', 'first.cache', 'run.js', 'run.cache'].map((name) => [name, name]),
      ),
      ...Object.fromEntries(later.map((name) => [`./${name}`, `parts/${name}`])),
    },
  }),
);
writeFileSync(
  path.join(directory, 'inputs.json'),
  JSON.stringify(Object.keys(result.metafile.inputs)),
);
