/**
 * apr_fnmatch(), by which Apache compares names, paths and URLs: `*`, `?`, `[…]`, backslashes.
 *
 * Invariant: no pattern takes more than its length times that of the name, since some of them are
 * written by users whom nobody trusts.
 */
import type { ByteString } from '../byte-string.js';

type Matcher = (byte: ByteString) => boolean;

/** Whether there is anything in it that is not meant literally, as apr_fnmatch_test() decides. */
export function isPattern(text: ByteString): boolean {
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === '*' || byte === '?') return true;
    if (byte === '\\') at += 1;
    else if (byte === '[' && readSet(text, at) !== undefined) return true;
  }
  return false;
}

/** APR_FNM_PATHNAME: a slash is matched by a slash alone. */
export function matchesPath(pattern: ByteString, path: ByteString): boolean {
  const parts = pattern.split('/');
  const names = path.split('/');
  return parts.length === names.length && parts.every((part, at) => matches(part, names[at] ?? ''));
}

/** APR_FNM_PERIOD: a name's leading dot is matched by a dot alone. */
export function matchesEntry(pattern: ByteString, name: ByteString): boolean {
  return (!name.startsWith('.') || /^\\?\./.test(pattern)) && matches(pattern, name);
}

/** Only the last star is ever tried again. */
function matches(pattern: ByteString, name: ByteString): boolean {
  const tokens = tokenize(pattern);
  let at = 0;
  let token = 0;
  let star: { token: number; at: number } | undefined;
  while (at < name.length || token < tokens.length) {
    const wanted = tokens[token];
    if (wanted === '*') {
      star = { token, at };
      token += 1;
    } else if (wanted !== undefined && at < name.length && wanted(name.charAt(at))) {
      token += 1;
      at += 1;
    } else if (star !== undefined && star.at < name.length) {
      star = { token: star.token, at: star.at + 1 };
      token = star.token + 1;
      at = star.at;
    } else {
      return false;
    }
  }
  return true;
}

function tokenize(pattern: ByteString): ('*' | Matcher)[] {
  const tokens: ('*' | Matcher)[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const byte = pattern.charAt(at);
    const set = byte === '[' ? readSet(pattern, at) : undefined;
    if (set !== undefined) {
      tokens.push(set.matcher);
      at = set.end;
    } else if (byte === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*');
    } else if (byte === '?') {
      tokens.push(() => true);
    } else {
      if (byte === '\\' && at + 1 < pattern.length) at += 1;
      const literal = pattern.charAt(at);
      tokens.push((other) => other === literal);
    }
  }
  return tokens;
}

/** The set that begins at a `[`; undefined where it has no end, and the bracket stands for itself. */
function readSet(
  pattern: ByteString,
  start: number,
): { matcher: Matcher; end: number } | undefined {
  let at = start + 1;
  const isNegated = pattern[at] === '!' || pattern[at] === '^';
  if (isNegated) at += 1;
  const ranges: [ByteString, ByteString][] = [];
  for (const first = at; at < pattern.length; at++) {
    if (pattern[at] === ']' && at > first) {
      const matcher = (byte: ByteString): boolean =>
        ranges.some(([from, to]) => from <= byte && byte <= to) !== isNegated;
      return { matcher, end: at };
    }
    if (pattern[at] === '\\') at += 1;
    const from = pattern.charAt(at);
    if (pattern[at + 1] === '-' && at + 2 < pattern.length && pattern[at + 2] !== ']') {
      at += pattern[at + 2] === '\\' ? 3 : 2;
      ranges.push([from, pattern.charAt(at)]);
    } else {
      ranges.push([from, from]);
    }
  }
  return undefined;
}
