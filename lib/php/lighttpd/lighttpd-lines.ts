/**
 * lighttpd's configuration as a row of assignments, whatever conditions they stand in
 * (src/configfile.c, config_tokenizer(); src/configparser.y).
 *
 * Invariant: read once from left to right; what is not of the grammar, and what is left open at the end,
 * is told as a problem with its line.
 */
import type { ByteString } from '../byte-string.js';

export type LighttpdValue =
  | {
      readonly kind: 'texts';
      /** Joined: texts as they are, and names of variables. */
      readonly parts: readonly { readonly kind: 'text' | 'name'; readonly text: ByteString }[];
    }
  /** A list's items have no key: ''. */
  | { readonly kind: 'array'; readonly items: readonly (readonly [ByteString, LighttpdValue])[] };

export interface LighttpdEntry {
  /** As `server.document-root`, `include`. */
  readonly name: ByteString;
  readonly value: LighttpdValue;
  readonly line: number;
}

export interface LighttpdProblem {
  readonly problem: string;
  readonly line: number;
}

interface Token {
  readonly kind: 'text' | 'name' | 'mark' | 'other';
  readonly text: ByteString;
  readonly line: number;
}

const pattern =
  /([ \t\r]+)|(\n)|(#[^\n]*)|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|(=>|==|!=|=~|!~|=\^|=\$|\+=|:=|[=+(){},])|(\$[A-Z_]+\s*\[\s*"[^"]*"\s*\]|[\w.-]+)|([\s\S])/gy;
const maxNesting = 16;

export function* lighttpdEntries(text: ByteString): Generator<LighttpdEntry | LighttpdProblem> {
  const tokens = tokensOf(text);
  let at = 0;
  let open = 0;
  const peek = () => tokens[at];
  const take = () => tokens[at++];
  const value = (depth: number): LighttpdValue | null => {
    if (peek()?.kind === 'mark' && peek()?.text === '(') return array(depth);
    const parts: { kind: 'text' | 'name'; text: ByteString }[] = [];
    for (;;) {
      const token = take();
      if (token === undefined || (token.kind !== 'text' && token.kind !== 'name')) return null;
      const isNumber = token.kind === 'name' && /^\d+$/.test(token.text);
      parts.push({ kind: isNumber ? 'text' : token.kind, text: token.text });
      if (peek()?.kind !== 'mark' || peek()?.text !== '+') return { kind: 'texts', parts };
      at += 1;
    }
  };
  const array = (depth: number): LighttpdValue | null => {
    at += 1;
    const items: (readonly [ByteString, LighttpdValue])[] = [];
    for (;;) {
      const token = peek();
      if (token === undefined || depth > maxNesting) return null;
      if (token.kind === 'mark' && token.text === ')') {
        at += 1;
        return { kind: 'array', items };
      }
      if (token.kind === 'mark' && token.text === ',') {
        at += 1;
        continue;
      }
      const item = value(depth + 1);
      if (item === null) return null;
      if (peek()?.kind === 'mark' && peek()?.text === '=>') {
        at += 1;
        const mapped = value(depth + 1);
        if (mapped === null) return null;
        items.push([keyOf(item), mapped]);
      } else items.push(['', item]);
    }
  };
  for (let token = take(); token !== undefined; token = take()) {
    const { kind, text: name, line } = token;
    const problem = { problem: 'a line is not understood', line };
    if (kind === 'mark' && name === '}') {
      open -= 1;
      if (open < 0) return yield { problem: 'a closing brace has no opening brace', line };
      continue;
    }
    if (kind !== 'name') return yield problem;
    if (
      name === 'else' ||
      name === 'elseif' ||
      name === 'elsif' ||
      name.startsWith('$') ||
      name === 'global'
    ) {
      // A condition, up to its block.
      while (peek() !== undefined && !(peek()?.kind === 'mark' && peek()?.text === '{')) at += 1;
      if (take() === undefined)
        return yield { problem: 'ends within a condition: was it cut short?', line };
      open += 1;
      continue;
    }
    const isInclude = name === 'include' || name === 'include_shell';
    const mark = isInclude ? undefined : take();
    if (!isInclude && (mark?.kind !== 'mark' || !/^(?:=|\+=|:=)$/.test(mark.text)))
      return yield problem;
    const found = value(0);
    if (found === null) return yield { ...problem, problem: 'a value is not understood' };
    yield { name, value: found, line };
  }
  if (open > 0) yield { problem: 'ends within a block: was it cut short?', line: 0 };
}

function keyOf(value: LighttpdValue): ByteString {
  return value.kind === 'array' ? '' : value.parts.map(({ text }) => text).join('');
}

function tokensOf(text: ByteString): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const [whole, blank, , comment, double, single, mark, name] of text.matchAll(pattern)) {
    const isGap = blank !== undefined || comment !== undefined || whole === '\n';
    if (double !== undefined) tokens.push({ kind: 'text', text: unescaped(double), line });
    else if (single !== undefined) tokens.push({ kind: 'text', text: single, line });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark, line });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, line });
    else if (!isGap) tokens.push({ kind: 'other', text: whole, line });
    for (let at = whole.indexOf('\n'); at >= 0; at = whole.indexOf('\n', at + 1)) line += 1;
  }
  return tokens;
}

function unescaped(text: ByteString): ByteString {
  return text.replace(/\\(["\\])/g, '$1');
}
