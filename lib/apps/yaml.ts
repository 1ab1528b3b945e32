/**
 * YAML, as far as frameworks' configuration is written in it: maps, lists and plain values.
 *
 * Invariant: what is not understood (anchors, tags, texts over several lines) is unknown, and never guessed.
 * Linear in the text's length, and no deeper than `deepest`.
 */
import type { ByteString } from '../php/byte-string.js';
import { type PhpValue, unknown } from './php/values.js';

interface Line {
  readonly indent: number;
  readonly text: ByteString;
  readonly number: number;
}

const deepest = 50;
const longestLine = 2000;
/** Lines of one `[` or `{`. */
const mostFlowLines = 200;

/** Null: it holds nothing, or something that is no YAML of configuration. */
export function readYaml(text: ByteString): PhpValue | null {
  const lines: Line[] = [];
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    if (written.length > longestLine) return null;
    const content = withoutComment(written);
    const trimmed = content.trimStart();
    if (trimmed === '' || /^(?:---|\.\.\.|%)/.test(content)) continue;
    const indent = content.length - trimmed.length;
    if (content.slice(0, indent).includes('\t')) return null;
    lines.push({ indent, text: trimmed, number: index + 1 });
  }
  const first = lines[0];
  return first === undefined ? null : new Reader(lines).block(first.indent, 0);
}

class Reader {
  readonly #lines: readonly Line[];
  #at = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  block(indent: number, depth: number): PhpValue {
    const first = this.#lines[this.#at];
    const line = first?.number ?? 0;
    if (first === undefined || depth > deepest) {
      this.#skipDeeper(indent - 1);
      return unknown(line);
    }
    const entries = new Map<string, PhpValue>();
    let isComplete = true;
    for (let here = first; here !== undefined && here.indent === indent; ) {
      const item = /^-(?:[ \t]+(.*))?$/s.exec(here.text);
      const [, key, rest = ''] = item === null ? (keyed.exec(here.text) ?? []) : [];
      this.#at += 1;
      if (item !== null) {
        entries.set(String(entries.size), this.#item(item[1] ?? '', here, depth));
      } else if (key === undefined || key === '<<') {
        isComplete = false;
        this.#skipDeeper(indent);
      } else {
        entries.set(unquoted(key), this.#value(rest, here, depth));
      }
      const next = this.#lines[this.#at];
      if (next === undefined || next.indent < indent) break;
      // Deeper than the value before it: not understood.
      if (next.indent > indent) {
        isComplete = false;
        this.#skipDeeper(indent);
      }
      const after = this.#lines[this.#at];
      if (after === undefined) break;
      here = after;
    }
    return { kind: 'array', entries, isComplete, line };
  }

  /** A list's element; a map in it may begin on its line. */
  #item(rest: ByteString, here: Line, depth: number): PhpValue {
    if (!keyed.test(rest) || /^[[{"'!&*]/.test(rest)) return this.#value(rest, here, depth);
    this.#skipDeeper(here.indent);
    return unknown(here.number);
  }

  #value(rest: ByteString, here: Line, depth: number): PhpValue {
    if (rest === '') {
      const next = this.#lines[this.#at];
      const isList =
        next?.indent === here.indent && next.text.startsWith('-') && !here.text.startsWith('-');
      if (next !== undefined && (next.indent > here.indent || isList)) {
        return this.block(next.indent, depth + 1);
      }
      return { kind: 'null', line: here.number };
    }
    if (/^[[{]/.test(rest)) return this.#flow(rest, here);
    const value = scalar(rest, here.number);
    const next = this.#lines[this.#at];
    if (next !== undefined && next.indent > here.indent) {
      this.#skipDeeper(here.indent);
      return unknown(here.number);
    }
    return value;
  }

  #flow(rest: ByteString, here: Line): PhpValue {
    let text = rest;
    for (let lines = 0; lines < mostFlowLines; lines += 1) {
      const flow = new Flow(text, here.number);
      const value = flow.read(0);
      if (value !== null) return flow.isAtEnd ? value : unknown(here.number);
      const next = this.#lines[this.#at];
      if (next === undefined || (next.indent <= here.indent && !/^[\]}]/.test(next.text))) break;
      text += ` ${next.text}`;
      this.#at += 1;
    }
    this.#skipDeeper(here.indent);
    return unknown(here.number);
  }

  #skipDeeper(indent: number): void {
    while ((this.#lines[this.#at]?.indent ?? -1) > indent) this.#at += 1;
  }
}

const keyed =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'[\]{}#&*!|>%@`,-][^#]*?|-[^\s#][^#]*?)[ \t]*:(?:[ \t]+(.*))?$/s;

/** `[a, b]` and `{ a: b }`. */
class Flow {
  readonly #text: ByteString;
  readonly #line: number;
  #at = 0;

  constructor(text: ByteString, line: number) {
    this.#text = text;
    this.#line = line;
  }

  get isAtEnd(): boolean {
    return this.#text.slice(this.#at).trim() === '';
  }

  /** Null: it does not end here. */
  read(depth: number): PhpValue | null {
    if (depth > deepest) return null;
    const open = this.#text.charAt(this.#at);
    const close = open === '[' ? ']' : open === '{' ? '}' : null;
    if (close === null) return this.#word();
    this.#at += 1;
    const entries = new Map<string, PhpValue>();
    for (;;) {
      this.#space();
      const character = this.#text.charAt(this.#at);
      if (character === '') return null;
      if (character === close) {
        this.#at += 1;
        return { kind: 'array', entries, isComplete: true, line: this.#line };
      }
      if (character === ',') {
        this.#at += 1;
        continue;
      }
      let key = String(entries.size);
      if (close === '}') {
        const match = this.#match(
          /("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:,[\]{}]+)\s*:(?=\s|$|["'[{])/y,
        );
        if (match === null) return null;
        key = unquoted(match[1] ?? '');
        this.#space();
      }
      const value = this.read(depth + 1);
      if (value === null) return null;
      entries.set(key, value);
    }
  }

  #word(): PhpValue | null {
    const match = this.#match(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,[\]{}]+/y);
    return match === null ? null : scalar(match[0].trim(), this.#line);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #space(): void {
    this.#match(/\s+/y);
  }
}

function scalar(text: ByteString, line: number): PhpValue {
  if (/^'(?:[^']|'')*'$/.test(text)) {
    return { kind: 'string', value: text.slice(1, -1).replaceAll("''", "'"), line };
  }
  if (text.startsWith('"')) {
    const inside = /^"((?:[^"\\]|\\["\\/])*)"$/.exec(text)?.[1];
    return inside === undefined
      ? unknown(line)
      : { kind: 'string', value: inside.replaceAll(/\\(.)/g, '$1'), line };
  }
  if (/^(?:[&*!|>%@`'{}[\]]|- |\? )/.test(text)) return unknown(line);
  if (/^(?:true|True|TRUE)$/.test(text)) return { kind: 'bool', value: true, line };
  if (/^(?:false|False|FALSE)$/.test(text)) return { kind: 'bool', value: false, line };
  if (/^(?:null|Null|NULL|~)$/.test(text)) return { kind: 'null', line };
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(text)) return { kind: 'int', value: Number(text), line };
  if (/^[-+.\d][\d_.eExXobB+-]*$/.test(text)) return unknown(line);
  return { kind: 'string', value: text, line };
}

function unquoted(key: ByteString): ByteString {
  const value = scalar(key, 0);
  return value.kind === 'string' ? value.value : key;
}

/** A `#` begins a comment at a line's beginning and after a space, but not in quotes. */
function withoutComment(line: ByteString): ByteString {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    const before = line.charAt(at - 1);
    if (quote !== '') {
      if (character === '\\' && quote === '"') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '#' && (at === 0 || /\s/.test(before))) {
      return line.slice(0, at).trimEnd();
    } else if (/["']/.test(character) && (at === 0 || /[\s[{,:]/.test(before))) quote = character;
  }
  return line.trimEnd();
}
