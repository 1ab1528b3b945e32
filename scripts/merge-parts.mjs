// Puts some of what esbuild divides a program into together again, for bundle.mjs and bundle-executable.mjs.
//
// esbuild makes a part of what several others share. A sweep needs forty of them: in one scope they are faster to
// load, and one function calls another directly.
import path from 'node:path';
import { build } from 'esbuild';

/** What esbuild made, by file name. */
export class Parts {
  #outputs;
  #texts;

  /** @param result of build() with `metafile` and without `write` */
  constructor({ metafile, outputFiles }) {
    this.#outputs = new Map(
      Object.entries(metafile.outputs).map(([file, output]) => [path.basename(file), output]),
    );
    this.#texts = new Map(outputFiles.map(({ path: file, text }) => [path.basename(file), text]));
  }

  get names() {
    return [...this.#texts.keys()].filter((name) => name.endsWith('.js'));
  }

  textOf(name) {
    return this.#texts.get(name);
  }

  exportsOf(name) {
    return this.#outputs.get(name).exports;
  }

  /** The part that this file of lib/ became. */
  ofEntry(entryPoint) {
    const found = [...this.#outputs].find(([, output]) => output.entryPoint === entryPoint);
    if (found === undefined) throw new Error(`esbuild made no part of ${entryPoint}`);
    return found[0];
  }

  /** A part, and the parts without which it cannot be loaded; what is evaluated first comes first. */
  withNeeds(name, known = new Set()) {
    if (known.has(name)) return [];
    known.add(name);
    const needed = this.#outputs
      .get(name)
      .imports.filter(({ kind }) => kind === 'import-statement')
      .map((each) => path.basename(each.path))
      .filter((each) => this.#outputs.has(each));
    return [...needed.flatMap((each) => this.withNeeds(each, known)), name];
  }

  /**
   * Parts in one scope.
   *
   * @param names in the order in which they are evaluated
   * @param contents a module that imports from them, and exports what others want of them
   * @param replaced the text for a part that is not among them; those without one are left to be imported
   */
  async inOne(names, contents, { replaced = () => undefined, textOf, ...options }) {
    const textOfPart = textOf ?? ((name) => this.textOf(name));
    const inMemory = {
      name: 'in-memory',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^\.\// }, ({ path: wanted }) => {
          const name = wanted.slice(2);
          const isKnown = names.includes(name) || replaced(name) !== undefined;
          return isKnown ? { path: name, namespace: 'parts' } : { path: wanted, external: true };
        });
        onLoad({ filter: /.*/, namespace: 'parts' }, ({ path: name }) => ({
          contents: names.includes(name) ? textOfPart(name) : replaced(name),
          loader: 'js',
        }));
      },
    };
    return build({
      ...options,
      bundle: true,
      write: false,
      logLevel: 'warning',
      plugins: [inMemory],
      stdin: { contents, sourcefile: 'parts', resolveDir: '/' },
    });
  }
}
