// Puts the library and the commands of lib/ into a few files in dist/: Node takes a millisecond for
// every module that it looks for, and a sweep of a small store takes no longer than that of a hundred.
// The demonstration of demo/ becomes a file of its own, which runs the library in dist/ as anybody's would.
//
// What is loaded on demand (discovery, the search, what reads a configuration file) stays apart. The commands share no
// file with the library, so that what a sweep loads can be in one file, which no user of the library loads.
// The types beside it are tsc's.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { common } from './bundle-options.mjs';
import { Parts } from './merge-parts.mjs';

const outdir = path.resolve(import.meta.dirname, '../dist');

const options = {
  ...common,
  outdir,
  outbase: 'lib',
  // Chunks are put beside index.js: lib/package.ts looks for package.json one directory above itself.
  splitting: true,
  // It finds the addon by the file that calls it.
  external: ['bindings'],
  // Names stay: a stack trace is to be read.
  minifyWhitespace: true,
  minifySyntax: true,
  // What is CommonJS among the dependencies asks for Node's own modules by it.
  banner: {
    js: "import{createRequire as createRequireOf}from'node:module';const require=createRequireOf(import.meta.url);",
  },
};

await build({
  ...options,
  entryPoints: [
    'lib/index.ts',
    'lib/clock/state-child.ts',
    'lib/monitor/stamps-child.ts',
    'lib/stores/discovery-child.ts',
    'lib/stores/search-child.ts',
    'lib/tables/child.ts',
    'lib/tables/owner-child.ts',
    'lib/telemetry/textfile-child.ts',
  ],
  chunkNames: '[name]-[hash]',
});

const result = await build({
  ...options,
  entryPoints: ['lib/cli/main.ts'],
  chunkNames: 'command-[name]-[hash]',
  metafile: true,
  write: false,
});
for (const { path: file, contents } of result.outputFiles) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, contents);
}
const parts = new Parts(result);
const starting = parts.ofEntry('lib/cli/start.ts');
const running = parts.ofEntry('lib/cli/run.ts');
// main.js tells an old Node what it needs before it loads anything that such a Node lacks: its own parts stay apart.
const main = parts.withNeeds(parts.ofEntry('lib/cli/main.ts'));
const first = parts.withNeeds(starting).filter((name) => !main.includes(name));
const run = parts
  .withNeeds(running)
  .filter((name) => !first.includes(name) && !main.includes(name));
const firstReexported = await writeInOne(first, starting, () => undefined);
await writeInOne(run, running, firstReexported);

/**
 * Writes parts into the file of the last of them, and into those of the others where to find what was in them.
 *
 * @returns what is in those files, by name
 */
async function writeInOne(names, into, replaced) {
  const exported = [];
  const others = new Map();
  for (const [index, name] of names.entries()) {
    const as = (each) => (name === into ? each : `of${index}_${each}`);
    const list = parts.exportsOf(name);
    exported.push(
      `import"./${name}";export{${list.map((each) => `${each} as ${as(each)}`)}}from"./${name}";`,
    );
    const reexported = `import"./${into}";export{${list.map((each) => `${as(each)} as ${each}`)}}from"./${into}";\n`;
    if (name !== into) others.set(name, reexported);
  }
  const { outputFiles } = await parts.inOne(names, exported.join('\n'), {
    ...options,
    replaced,
    textOf: textWithMap,
    outdir: undefined,
    outbase: undefined,
    splitting: false,
    outfile: path.join(outdir, into),
  });
  for (const { path: file, contents } of outputFiles) writeFileSync(file, contents);
  for (const [name, text] of others) {
    writeFileSync(path.join(outdir, name), text);
    rmSync(path.join(outdir, `${name}.map`), { force: true });
  }
  return (name) => others.get(name);
}

/** Without the banner, which each has; with the map to its sources. */
function textWithMap(name) {
  const text = parts
    .textOf(name)
    .replace(options.banner.js, '')
    .replace(/\/\/# sourceMappingURL=.*\s*$/, '');
  const map = Buffer.from(parts.textOf(`${name}.map`)).toString('base64');
  return `${text}//# sourceMappingURL=data:application/json;base64,${map}\n`;
}

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
