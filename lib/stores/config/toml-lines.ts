/**
 * On which line of a TOML text each key and each array's element stands, which the parser does not
 * tell.
 *
 * Invariant: the text has been parsed without an error, so that it is only followed here, never
 * judged; every path of the parsed document gets the line where it is first named.
 */
import { parse, type TomlTable } from 'smol-toml';

/** Keys and, in arrays, indexes from the top of the document. */
export type KeyPath = readonly (string | number)[];

/** Tells a path's line, counted from 1; of a path that is not there, its nearest parent's. */
export type LineOf = (path: KeyPath) => number;

export function locateKeys(text: string): LineOf {
  const document = new Follower(text).follow();
  return (path) => {
    let named = document;
    for (const part of path) {
      const inner = named.parts?.get(part);
      if (inner === undefined) break;
      named = inner;
    }
    return named.line;
  };
}

/** A table, an array, or a value in one of them. */
interface Named {
  /** Where it is first named. */
  readonly line: number;
  /** Null: none; most are plain values. */
  parts: Map<string | number, Named> | null;
  /** Of an array of tables: how many it has so far. */
  tables: number;
}

const blanks = /[ \t]*/y;
/** All that may stand between statements, and within arrays and inline tables. */
const nothing = /(?:[ \t\r\n\uFEFF]+|#[^\n]*)*/y;
const basicString = /"(?:[^"\\\n]|\\.)*"/y;
const literalString = /'[^'\n]*'/y;
const word = /[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/.source;
const key = new RegExp(`(?:${word})(?:[ \\t]*\\.[ \\t]*(?:${word}))*`, 'y');
/** The quotes that end it may have two more of the text's own before them. */
const longBasicString = /"""(?:[^\\]|\\[\s\S])*?"""(?!")/y;
const longLiteralString = /'''[\s\S]*?'''(?!')/y;
/** Numbers, booleans and dates: up to whatever ends a value. */
const plainValue = /[^,\]}#\n]*/y;

class Follower {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineCountedTo = 0;
  readonly #document: Named = { line: 1, parts: null, tables: 0 };
  /** Of each key as it is written: ten thousand tables have the same few. */
  readonly #split = new Map<string, readonly string[]>();

  constructor(text: string) {
    this.#text = text;
  }

  follow(): Named {
    let table = this.#document;
    this.#take(nothing);
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === '[') table = this.#header();
      else this.#pair(table);
      this.#take(nothing);
    }
    return this.#document;
  }

  /** `[a.b]` or `[[a.b]]`: returns the table that it opens. */
  #header(): Named {
    const isArray = this.#text.startsWith('[[', this.#at);
    this.#at += isArray ? 2 : 1;
    this.#take(blanks);
    const keys = this.#keys();
    let named = this.#document;
    keys.forEach((part, at) => {
      named = this.#part(named, part);
      if (isArray && at === keys.length - 1) named.tables += 1;
      if (named.tables > 0) named = this.#part(named, named.tables - 1);
    });
    this.#take(blanks);
    this.#at += isArray ? 2 : 1;
    return named;
  }

  #pair(table: Named): void {
    let named = table;
    for (const part of this.#keys()) named = this.#part(named, part);
    this.#take(blanks);
    this.#at += 1;
    this.#take(blanks);
    this.#value(named);
  }

  /** The parts of a key. */
  #keys(): readonly string[] {
    const written = this.#take(key);
    const known = this.#split.get(written) ?? splitKey(written);
    this.#split.set(written, known);
    return known;
  }

  #value(named: Named): void {
    const rest = this.#text.slice(this.#at, this.#at + 3);
    if (rest === '"""') this.#take(longBasicString);
    else if (rest === "'''") this.#take(longLiteralString);
    else if (rest.startsWith('"')) this.#take(basicString);
    else if (rest.startsWith("'")) this.#take(literalString);
    else if (rest.startsWith('['))
      this.#items(']', (index) => this.#value(this.#part(named, index)));
    else if (rest.startsWith('{')) this.#items('}', () => this.#pair(named));
    else this.#take(plainValue);
  }

  /** What stands between brackets, with commas. */
  #items(end: string, item: (index: number) => void): void {
    this.#at += 1;
    this.#take(nothing);
    for (let index = 0; this.#at < this.#text.length && this.#text[this.#at] !== end; index++) {
      item(index);
      this.#take(nothing);
      if (this.#text[this.#at] === ',') this.#at += 1;
      this.#take(nothing);
    }
    this.#at += 1;
  }

  /** What is named within another; if for the first time, here. */
  #part(within: Named, part: string | number): Named {
    const known = within.parts?.get(part);
    if (known !== undefined) return known;
    const named: Named = { line: this.#lineHere(), parts: null, tables: 0 };
    within.parts ??= new Map();
    within.parts.set(part, named);
    return named;
  }

  #lineHere(): number {
    for (; this.#lineCountedTo < this.#at; this.#lineCountedTo++) {
      if (this.#text[this.#lineCountedTo] === '\n') this.#line += 1;
    }
    return this.#line;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0];
    if (taken === undefined) throw new Error(`a TOML text that cannot be, at ${this.#at}`);
    this.#at += taken.length;
    return taken;
  }
}

/** The parts of a dotted key, as the parser understands them. */
function splitKey(written: string): string[] {
  const parts: string[] = [];
  let table: TomlTable | undefined = parse(`${written} = 0`);
  while (table !== undefined) {
    const part: string = Object.keys(table)[0] ?? '';
    parts.push(part);
    const inner: TomlTable[string] | undefined = table[part];
    table = typeof inner === 'object' ? (inner as TomlTable) : undefined;
  }
  return parts;
}
