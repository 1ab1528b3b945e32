/**
 * The macros that a configuration defines while it is read, and their text where they are used.
 *
 * Invariant: a macro never comes to stand in its own text, so that reading ends.
 */
import { type ByteString, printable } from '../byte-string.js';
import { bothSetters, type Setter, type Source } from '../provenance.js';
import type { WarningList } from '../warning-list.js';
import { splitWords } from './config-lines.js';
import type { Directive } from './directive.js';
import { type LineQueue, linesOf } from './line-queue.js';
import { expandMacro, type Macros, macroHeader, macroNesting } from './macros.js';

/** How a `<Macro …>` stands in its file. */
export interface MacroOpening {
  /** What is behind the word. */
  readonly rest: ByteString;
  readonly source: Source;
  readonly setBy: Setter;
  /** False inside of a condition that only a running Apache can decide. */
  readonly isCertain: boolean;
}

export class MacroTable {
  readonly #macros: Macros;
  readonly #warnings: WarningList;
  /** Told how many bytes were put together; false where the allowance is used up. */
  readonly #pays: (setBy: Setter, bytes: number) => boolean;

  constructor(
    macros: Macros,
    warnings: WarningList,
    pays: (setBy: Setter, bytes: number) => boolean,
  ) {
    this.#macros = new Map(macros);
    this.#warnings = warnings;
    this.#pays = pays;
  }

  get all(): Macros {
    return this.#macros;
  }

  /** Takes its text off the lines that follow. */
  define(lines: LineQueue, { rest, source, setBy, isCertain }: MacroOpening): void {
    const end = rest.lastIndexOf('>');
    const { name, parameters } = macroHeader(end < 0 ? rest : rest.slice(0, end));
    const text: { text: ByteString; source: Source }[] = [];
    let setters = setBy;
    for (let open = 1; ; ) {
      const line = lines.next();
      if (line === undefined) {
        this.#warnings.add('<macro> is not closed', source, setBy);
        return;
      }
      open = macroNesting(line, open);
      if (open === 0) break;
      setters = bothSetters(setters, line.setBy);
      text.push({ text: line.text, source: line.source });
    }
    if (!isCertain && this.#macros.has(name)) {
      const message = `only a running Apache can tell whether the macro ${printable(name)} is this one`;
      this.#warnings.add(message, source, setters);
    }
    this.#macros.set(name, { parameters, lines: text, setBy: setters });
  }

  undefine(name: ByteString): void {
    this.#macros.delete(name.toLowerCase());
  }

  /** Puts a macro's text in the place of the line that uses it. */
  use(lines: LineQueue, { args, source, setBy }: Directive): void {
    const [first = '', ...values] = splitWords(args);
    const name = first.toLowerCase();
    const macro = this.#macros.get(name);
    if (macro === undefined || lines.macros.includes(name)) {
      const why = macro === undefined ? 'is not defined' : 'uses itself';
      this.#warnings.add(`the macro ${printable(first)} ${why}`, source);
      return;
    }
    const setters = bothSetters(setBy, macro.setBy);
    const expanded = expandMacro(macro, values, (bytes) => this.#pays(setters, bytes));
    if ('problem' in expanded) {
      this.#warnings.add(`the macro ${printable(first)} ${expanded.problem}`, source, setters);
      return;
    }
    const sources = macro.lines.map((line) => line.source);
    const at = (line: number): Source => sources[line - 1] ?? source;
    lines.insert(linesOf(expanded.texts.join('\n'), setters, at), name);
  }
}
