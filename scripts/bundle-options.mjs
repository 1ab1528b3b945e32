// What bundle.mjs and bundle-executable.mjs tell esbuild alike.
//
// A command that does little should take no longer than Node's start. So what it does not use is not loaded:
//
// - The commands import all they need from lib/index.ts. Bundled like that, a sweep would load the monitor. So they
//   get each name from the file that lib/index.ts has it from.
// - Of Node's own modules, crypto alone takes 3 ms to load. Those that take long are loaded at their first use.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');

/** name -> the file that exports it, as lib/index.ts says. */
function homesOfNames() {
  const text = readFileSync(path.join(root, 'lib/index.ts'), 'utf8');
  const homes = new Map();
  for (const [, names, from] of text.matchAll(/^export \{([^}]*)\} from '([^']*)';/gm)) {
    for (const name of namesIn(names)) homes.set(name, path.join(root, 'lib', from));
  }
  return homes;
}

/** The names in the braces of an import or an export, without types. */
function namesIn(text) {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
}

const importsFromIndex = {
  name: 'imports-from-index',
  setup({ onLoad }) {
    const homes = homesOfNames();
    onLoad({ filter: /\/lib\/(?:cli|executable)\/.*\.ts$/ }, ({ path: file }) => ({
      loader: 'ts',
      contents: readFileSync(file, 'utf8').replace(
        /^(import|export) \{([^}]*)\} from '\.\.\/index\.js';/gm,
        (statement, verb, names) =>
          namesIn(names)
            .map((name) => {
              const home = homes.get(name.split(' as ')[0]);
              if (home === undefined) throw new Error(`${file}: lib/index.ts exports no ${name}`);
              // Source maps hold this text: the place of this tree is no part of it.
              const from = path.relative(path.dirname(file), home);
              return `${verb} { ${name} } from ${JSON.stringify(from.startsWith('.') ? from : `./${from}`)};`;
            })
            // As many lines as before, for those who read a stack trace.
            .join(' ') + '\n'.repeat(statement.split('\n').length - 1),
      ),
    }));
  },
};

/** Node's modules that take long to load, of which sescle uses functions alone, or constructs objects. */
const onDemand = [
  'child_process',
  'crypto',
  'dgram',
  'fs/promises',
  'net',
  'timers/promises',
  'tty',
  'v8',
];

const builtinsOnDemand = {
  name: 'builtins-on-demand',
  setup({ onResolve, onLoad }) {
    onResolve(
      { filter: new RegExp(`^(?:node:)?(?:${onDemand.join('|')})$`) },
      ({ path: name }) => ({
        path: name.replace(/^node:/, ''),
        namespace: 'on-demand',
        sideEffects: false,
      }),
    );
    onLoad({ filter: /.*/, namespace: 'on-demand' }, ({ path: name }) => {
      const exported = Object.entries(createRequire(import.meta.url)(`node:${name}`));
      const lines = exported
        .filter(([, value]) => typeof value === 'function')
        .flatMap(([key, value]) => [
          `export function ${key}(...given){return new.target?Reflect.construct(its().${key},given):its().${key}(...given)}`,
          // Without it promisify(execFile) would give the first of the two texts.
          ...(promisify.custom in value
            ? [
                `${key}[Symbol.for('nodejs.util.promisify.custom')]=(...given)=>its().${key}[Symbol.for('nodejs.util.promisify.custom')](...given);`,
              ]
            : []),
        ]);
      return {
        contents: `const its=()=>process.getBuiltinModule('node:${name}');\n${lines.join('\n')}`,
      };
    });
  },
};

export const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [importsFromIndex, builtinsOnDemand],
};
