/**
 * glob(3) as php-fpm calls it for `include=`: `*`, `?`, `[…]` and backslashes in any part of a path,
 * names that begin with a dot only where the pattern does, the result sorted by byte. PHP sets
 * LC_CTYPE to C.UTF-8, so a `?` may be a character or a byte.
 *
 * Invariant: no pattern takes more than its length times that of the names, and no more than
 * maxPaths paths are held at any time; where there would be more, none are given and the answer
 * says so.
 */
import { isUtf8 } from 'node:buffer';
import { type ByteString, toBytes } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';

export const maxPaths = 10_000;

export interface GlobResult {
  /** Sorted; directories are among them, and links that lead nowhere. */
  readonly paths: readonly ByteString[];
  /** Why there may be more; null where that is all. */
  readonly problem: string | null;
  /** The directory that could not be looked through, where it is that alone. */
  readonly problemAt?: ByteString;
}

/** How much may be looked through, for all the patterns of one user together. */
export interface GlobBudget {
  /** In characters compared, about. */
  work: number;
}

/** As long as a path that the kernel takes. */
const maxPattern = 4096;
/** What it costs to list a directory, or to look where a path leads, beside the names in it. */
const lookCost = 1000;

/** @param pattern absolute */
export function glob(
  tree: FileTree,
  pattern: ByteString,
  budget: GlobBudget = { work: Number.POSITIVE_INFINITY },
): GlobResult {
  if (pattern.length > maxPattern) return { paths: [], problem: 'it is too long' };
  const exhausted: GlobResult = { paths: [], problem: 'there is too much to look through' };
  const parts = pattern.split('/').slice(1);
  let paths: ByteString[] = [''];
  let problem: string | null = null;
  let problemAt: ByteString | undefined;
  let isLiteral = true;
  for (const [index, part] of parts.entries()) {
    const name = literalOf(part);
    isLiteral = name !== undefined;
    if (name !== undefined) {
      paths = paths.map((path) => `${path}/${name}`);
      continue;
    }
    const matcher = new Matcher(part);
    const found: ByteString[] = [];
    for (const path of paths) {
      const names = tree.list(path === '' ? '/' : path);
      budget.work -= lookCost;
      if (names instanceof Unreadable) {
        if (names.isMissing) continue;
        // Of several the way that is common to all counts: who could change that is known.
        problemAt = problem === null ? path || '/' : commonWay(problemAt ?? '/', path);
        problem ??= `${path || '/'}: ${names.reason}`;
        continue;
      }
      for (const name of names) budget.work -= name.length * part.length;
      if (budget.work < 0) return exhausted;
      for (const entry of ['.', '..', ...names])
        if (matcher.matches(entry)) found.push(`${path}/${entry}`);
      if (found.length > maxPaths) return { paths: [], problem: `more than ${maxPaths} matches` };
    }
    const isLast = index === parts.length - 1;
    paths = isLast ? found : found.filter((path) => isDirectory(tree, path));
  }
  if (isLiteral) {
    budget.work -= lookCost * paths.length;
    if (budget.work < 0) return exhausted;
    paths = paths.filter((path) => isThere(tree, path));
  }
  paths.sort();
  return problemAt === undefined ? { paths, problem } : { paths, problem, problemAt };
}

/** Whatever cannot be looked at may be there. */
function isThere(tree: FileTree, path: ByteString): boolean {
  const place = tree.find(path);
  return !(place instanceof Unreadable && place.isMissing);
}

/** The directory that both are below. */
function commonWay(a: ByteString, b: ByteString): ByteString {
  const [left, right] = [a.split('/'), b.split('/')];
  const end = left.findIndex((part, index) => part !== right[index]);
  return left.slice(0, end < 0 ? left.length : end).join('/') || '/';
}

function isDirectory(tree: FileTree, path: ByteString): boolean {
  const place = tree.find(path);
  return !(place instanceof Unreadable) && place.stat.isDirectory();
}

/** What a part stands for that can match only one name; undefined for all others. */
function literalOf(part: ByteString): ByteString | undefined {
  const tokens = tokenize([...part]);
  const isLiteral = tokens.every(({ kind }) => kind === 'text');
  return isLiteral
    ? tokens.map((token) => (token.kind === 'text' ? token.character : '')).join('')
    : undefined;
}

type Token =
  | { readonly kind: 'text'; readonly character: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly isNegated: boolean; readonly members: readonly Member[] };

type Member = (character: string) => boolean;

/** One part of a pattern, for many names. */
class Matcher {
  readonly #byCharacter: readonly Token[] | undefined;
  readonly #byByte: readonly Token[];

  constructor(part: ByteString) {
    this.#byByte = tokenize([...part], isAscii);
    const characters = charactersOf(part);
    this.#byCharacter = characters && tokenize(characters);
  }

  /** As fnmatch(3) does: by character, and where that fails by byte. */
  matches(name: ByteString): boolean {
    const characters = this.#byCharacter && charactersOf(name);
    if (characters && this.#byCharacter && isMatch(this.#byCharacter, characters)) return true;
    return isMatch(this.#byByte, [...name]);
  }
}

/** Undefined where the bytes are not UTF-8. */
function charactersOf(text: ByteString): string[] | undefined {
  const bytes = toBytes(text);
  return isUtf8(bytes) ? [...bytes.toString('utf8')] : undefined;
}

/** POSIX's classes of characters. */
const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[\p{L}\p{N}]/u,
  alpha: /\p{L}/u,
  blank: /[ \t]/,
  cntrl: /\p{Cc}/u,
  digit: /[0-9]/,
  graph: /[^\p{Z}\p{C}]/u,
  lower: /\p{Ll}/u,
  print: /[^\p{C}]/u,
  punct: /[\p{P}\p{S}]/u,
  space: /\s/,
  upper: /\p{Lu}/u,
  xdigit: /[0-9A-Fa-f]/,
};

/** @param hasClass which characters may be in a class at all */
function tokenize(part: readonly string[], hasClass: Member = () => true): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < part.length; ) {
    const character = part[at] ?? '';
    const set = character === '[' ? readSet(part, at, hasClass) : undefined;
    if (set !== undefined) {
      tokens.push(set.token);
      at = set.end;
      continue;
    }
    if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '\\' && at + 1 < part.length) {
      at += 1;
      tokens.push({ kind: 'text', character: part[at] ?? '' });
    } else tokens.push({ kind: 'text', character });
    at += 1;
  }
  return tokens;
}

/** The set that begins at a `[`; undefined where it has no end, and the bracket stands for itself. */
function readSet(
  part: readonly string[],
  start: number,
  hasClass: Member,
): { token: Token; end: number } | undefined {
  let at = start + 1;
  const isNegated = part[at] === '!' || part[at] === '^';
  if (isNegated) at += 1;
  const members: Member[] = [];
  for (const first = at; at < part.length; ) {
    if (part[at] === ']' && at > first)
      return { token: { kind: 'set', isNegated, members }, end: at + 1 };
    const name = /^\[:([a-z]+):\]/.exec(part.slice(at, at + 12).join(''))?.[1];
    if (name !== undefined) {
      const shape = classes[name];
      members.push((character) => hasClass(character) && (shape?.test(character) ?? false));
      at += name.length + 4;
      continue;
    }
    if (part[at] === '\\') at += 1;
    const from = codeOf(part[at]);
    at += 1;
    let to = from;
    if (part[at] === '-' && at + 1 < part.length && part[at + 1] !== ']') {
      at += part[at + 1] === '\\' ? 2 : 1;
      to = codeOf(part[at]);
      at += 1;
    }
    members.push((character) => from <= codeOf(character) && codeOf(character) <= to);
  }
  return undefined;
}

function isAscii(character: string): boolean {
  return character < '\x80';
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? -1;
}

/** Only the last star is ever tried again, so that no pattern takes long. */
function isMatch(tokens: readonly Token[], name: readonly string[]): boolean {
  // A dot in the first place is matched by a dot alone.
  const first = tokens[0];
  if (name[0] === '.' && !(first?.kind === 'text' && first.character === '.')) return false;
  let at = 0;
  let token = 0;
  let star: { token: number; at: number } | undefined;
  while (at < name.length || token < tokens.length) {
    const wanted = tokens[token];
    if (wanted?.kind === 'star') {
      star = { token, at };
      token += 1;
    } else if (wanted !== undefined && takes(wanted, name[at])) {
      at += 1;
      token += 1;
    } else if (star !== undefined && star.at < name.length) {
      star = { token: star.token, at: star.at + 1 };
      at = star.at;
      token = star.token + 1;
    } else {
      return false;
    }
  }
  return true;
}

function takes(token: Token, character: string | undefined): boolean {
  if (character === undefined) return false;
  if (token.kind === 'text') return token.character === character;
  return token.kind === 'any' || (token.kind === 'set' && isInSet(token, character));
}

function isInSet(
  { isNegated, members }: Extract<Token, { kind: 'set' }>,
  character: string,
): boolean {
  return members.some((isMember) => isMember(character)) !== isNegated;
}
