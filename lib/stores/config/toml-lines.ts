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
  const lines = new Follower(text).follow();
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(nameOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
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
  readonly #lines = new Map<string, number>();
  /** Of each key as it is written: ten thousand tables have the same few. */
  readonly #split = new Map<string, readonly string[]>();
  /** How many tables each array of tables has so far. */
  readonly #tableCounts = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  follow(): ReadonlyMap<string, number> {
    let table: KeyPath = [];
    this.#take(nothing);
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === '[') table = this.#header();
      else this.#pair(table);
      this.#take(nothing);
    }
    return this.#lines;
  }

  /** `[a.b]` or `[[a.b]]`: returns the path of the table that it opens. */
  #header(): KeyPath {
    const isArray = this.#text.startsWith('[[', this.#at);
    this.#at += isArray ? 2 : 1;
    this.#take(blanks);
    const keys = this.#keys();
    const path: (string | number)[] = [];
    keys.forEach((part, at) => {
      path.push(part);
      const name = nameOf(path);
      const count = this.#tableCounts.get(name);
      if (isArray && at === keys.length - 1) {
        this.#record(path);
        this.#tableCounts.set(name, (count ?? 0) + 1);
        path.push(count ?? 0);
      } else if (count !== undefined) {
        path.push(count - 1);
      }
    });
    this.#record(path);
    this.#take(blanks);
    this.#at += isArray ? 2 : 1;
    return path;
  }

  #pair(table: KeyPath): void {
    const start = this.#at;
    const path = [...table, ...this.#keys()];
    this.#record(path, start);
    this.#take(blanks);
    this.#at += 1;
    this.#take(blanks);
    this.#value(path);
  }

  /** The parts of a key. */
  #keys(): readonly string[] {
    const written = this.#take(key);
    const known = this.#split.get(written) ?? splitKey(written);
    this.#split.set(written, known);
    return known;
  }

  #value(path: KeyPath): void {
    const rest = this.#text.slice(this.#at, this.#at + 3);
    if (rest === '"""') this.#take(longBasicString);
    else if (rest === "'''") this.#take(longLiteralString);
    else if (rest.startsWith('"')) this.#take(basicString);
    else if (rest.startsWith("'")) this.#take(literalString);
    else if (rest.startsWith('[')) this.#items(']', (index) => this.#element([...path, index]));
    else if (rest.startsWith('{')) this.#items('}', () => this.#pair(path));
    else this.#take(plainValue);
  }

  #element(path: KeyPath): void {
    this.#record(path);
    this.#value(path);
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

  /** Notes the line of a path, and of those parents that are named here for the first time. */
  #record(path: KeyPath, at: number = this.#at): void {
    for (; this.#lineCountedTo < at; this.#lineCountedTo++) {
      if (this.#text[this.#lineCountedTo] === '\n') this.#line += 1;
    }
    for (let length = path.length; length > 0; length--) {
      const name = nameOf(path.slice(0, length));
      // Then its parents are known as well.
      if (this.#lines.has(name)) break;
      this.#lines.set(name, this.#line);
    }
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

function nameOf(path: KeyPath): string {
  return JSON.stringify(path);
}
