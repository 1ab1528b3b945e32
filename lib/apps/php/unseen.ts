/**
 * Code that may set something without naming it, or at another time than where it stands.
 *
 * Invariant: all of the file's code counts, whether or not it runs: branches, functions, and what stands
 * within strings.
 */
import type { Token } from './tokens.js';

/** Calls that set something that has no `$` before it. */
export const setters: ReadonlySet<string> = new Set([
  ...['define', 'ini_set', 'ini_alter', 'ini_restore', 'session_start', 'session_save_path'],
]);

const unseen = new Set([
  ...['extract', 'eval', 'parse_str', 'mb_parse_str', 'goto'],
  // Blocks without braces: where one ends is not looked for.
  ...['endif', 'endfor', 'endforeach', 'endwhile', 'endswitch', 'enddeclare'],
]);

/** These, within a function, set what is outside it. */
const reaching = new Set(['global', 'include', 'include_once', 'require', 'require_once']);

/** A call or an assignment within a string's braces. */
const templateCode = /\{\$[^{}]*(?:[(=]|\+\+|--)|\$\{[^{}]*[($=]/;

export interface Unseen {
  /** Whether any variable, and all else, may be set so; */
  readonly all: boolean;
  /** whether constants and PHP's settings may. */
  readonly settings: boolean;
}

export function unseenIn(tokens: readonly Token[]): Unseen {
  let functionEnd = 0;
  let all = false;
  let settings = false;
  for (const [at, { kind, text }] of tokens.entries()) {
    const next = tokens[at + 1];
    const isInFunction = at < functionEnd;
    if (kind === 'operator') {
      all ||= text === '$' || (isInFunction && text === '&' && next?.kind === 'variable');
    } else if (kind === 'variable') {
      all ||= text === 'GLOBALS';
    } else if (kind === 'template') {
      all ||= templateCode.test(text);
    } else if (kind === 'string') {
      // A function can be called by its name.
      settings ||= setters.has(plainName(text));
    } else if (kind === 'name') {
      const name = plainName(text);
      if (name === 'function' && !isInFunction) functionEnd = endOfFunction(tokens, at);
      all ||= unseen.has(name) || (isInFunction && reaching.has(name));
      const nextName = next?.text ?? '';
      all ||= name === 'use' && /^(?:const|function)$/i.test(nextName);
      all ||= name === 'const' && /^(?:PHP_EOL|DIRECTORY_SEPARATOR)$/.test(nextName);
      // Within a function, or a namespace's own of that name.
      settings ||= setters.has(name) && (isInFunction || nextName !== '(');
    }
  }
  return { all, settings };
}

/** Of a function's, a constant's or a keyword's name. */
export function plainName(written: string): string {
  return written.toLowerCase().replace(/^\\/, '');
}

/** The token that ends a function: its body's last brace, or the `;` of one that has no body. */
function endOfFunction(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] as Token;
    if (kind !== 'operator') continue;
    if (/^(?:[([{]|#\[)$/.test(text)) depth += 1;
    else if (/^[)\]}]$/.test(text)) {
      depth -= 1;
      if (depth === 0 && text === '}') return at;
    } else if (text === ';' && depth === 0) return at;
  }
  return tokens.length;
}
