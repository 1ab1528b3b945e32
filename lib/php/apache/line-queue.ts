/**
 * The lines that are read next, each with where it stands: a file's, those of the command line, and
 * those of a macro's text in the place of the line that uses it.
 *
 * Invariant: what is put in place is read before what follows it.
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Setting, Source } from '../provenance.js';
import { type ConfigLine, configLines } from './config-lines.js';

/** A line with where it stands. */
export interface Line extends ConfigLine {
  readonly source: Source;
  readonly setBy: Setter;
}

/** A file's rest, or that of a macro's text. */
interface Stretch {
  readonly lines: Iterator<Line>;
  /** The macros that it came from. */
  readonly macros: readonly ByteString[];
}

export class LineQueue {
  readonly #stretches: Stretch[];

  constructor(lines: Iterator<Line>) {
    this.#stretches = [{ lines, macros: [] }];
  }

  /** The next line, of whatever comes after a stretch that has ended. */
  next(): Line | undefined {
    for (;;) {
      const next = this.#stretches.at(-1)?.lines.next();
      if (next === undefined) return undefined;
      if (next.done !== true) return next.value;
      this.#stretches.pop();
    }
  }

  /** The macros that the last line came from. */
  get macros(): readonly ByteString[] {
    return this.#stretches.at(-1)?.macros ?? [];
  }

  /** Puts the lines of a macro's text in the place of the last one. */
  insert(lines: Iterator<Line>, macro: ByteString): void {
    this.#stretches.push({ lines, macros: [...this.macros, macro] });
  }
}

export function fileLines(file: ByteString, text: ByteString, setBy: Setter): Iterator<Line> {
  return linesOf(text, setBy, (line) => ({ kind: 'file', file, line }));
}

export function* linesOf(
  text: ByteString,
  setBy: Setter,
  sourceAt: (line: number) => Source,
): Generator<Line> {
  for (const { text: own, line } of configLines(text))
    yield { text: own, line, setBy, source: sourceAt(line) };
}

/** Lines that were given one by one, with a source each. */
export function* givenLines(given: readonly Setting[]): Generator<Line> {
  for (const { value, source, setBy } of given) yield* linesOf(value, setBy, () => source);
}
