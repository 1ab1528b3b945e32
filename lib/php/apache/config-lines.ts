/**
 * Apache's lines and words: continuation lines, comments, quotes, as ap_cfg_getline() and
 * ap_getword_conf() of httpd's server/util.c take them.
 *
 * Invariant: nothing here fails. A line that Apache would refuse is taken apart as far as it goes;
 * whether its words are the right number is for others to say.
 */
import type { ByteString } from '../byte-string.js';

export interface ConfigLine {
  /** Continuation lines joined, without spaces at either end; never empty, never a comment. */
  readonly text: ByteString;
  /** Of the first of the joined lines. */
  readonly line: number;
}

/** A backslash before the line's end continues it, whatever stands before the backslash; comments too. */
export function* configLines(text: ByteString): Generator<ConfigLine> {
  let at = 0;
  for (let line = 1; at < text.length; line++) {
    const first = line;
    const parts: ByteString[] = [];
    for (;;) {
      const end = text.indexOf('\n', at);
      const raw = end < 0 ? text.slice(at) : text.slice(at, end);
      at = end < 0 ? text.length : end + 1;
      const part = end < 0 ? raw : raw.replace(/\r$/, '');
      const isContinued = end >= 0 && part.endsWith('\\');
      parts.push(isContinued ? part.slice(0, -1) : part);
      if (!isContinued || at >= text.length) break;
      line += 1;
    }
    const joined = trim(parts.join(''));
    if (joined !== '' && !joined.startsWith('#')) yield { text: joined, line: first };
  }
}

/** The first word, with its quotes taken off, and what follows it. */
export function takeWord(text: ByteString): { word: ByteString; rest: ByteString } {
  const quote = text.charAt(0);
  if (quote !== '"' && quote !== "'") {
    const end = text.search(/[ \t\n\v\f\r]/);
    const word = end < 0 ? text : text.slice(0, end);
    return { word: word.replaceAll('\\\\', '\\'), rest: end < 0 ? '' : trim(text.slice(end)) };
  }
  let word = '';
  let at = 1;
  for (; at < text.length && text[at] !== quote; at++) {
    const next = text[at + 1];
    if (text[at] === '\\' && (next === quote || next === '\\')) at += 1;
    word += text.charAt(at);
  }
  return { word, rest: trim(text.slice(at + 1)) };
}

/** All words of a line. */
export function splitWords(text: ByteString): ByteString[] {
  const words: ByteString[] = [];
  for (let rest = trim(text); rest !== ''; ) {
    const taken = takeWord(rest);
    words.push(taken.word);
    rest = taken.rest;
  }
  return words;
}

/** What isspace() knows in the C locale, and nothing of Latin-1. */
export function trim(text: ByteString): ByteString {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
