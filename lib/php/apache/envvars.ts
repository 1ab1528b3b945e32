/**
 * Debian's /etc/apache2/envvars, a shell script, read without a shell: assignments, `export`,
 * `unset`, and `if [ … ]` with comparisons of texts, as its $SUFFIX needs.
 *
 * Invariant: nothing is run, and nothing is guessed: a line that is not understood sets nothing, a
 * value that needs a shell (`$(…)`, backquotes) is left unknown, and the body of a condition that is
 * not understood does not count.
 */
import type { ByteString } from '../byte-string.js';
import type { ConfigFile } from '../file-tree.js';
import type { Setting } from '../provenance.js';
import { trim } from './config-lines.js';

/** What Apache is started with, by name. */
export type Environment = ReadonlyMap<ByteString, Setting>;

const namePattern = '[A-Za-z_][A-Za-z0-9_]*';
const assignment = new RegExp(`^(export\\s+)?(${namePattern})=(.*)$`);
const exported = new RegExp(`^export((?:\\s+${namePattern})+)$`);
const unset = new RegExp(`^unset((?:\\s+${namePattern})+)$`);

/** @param initial what the script finds set, as APACHE_CONFDIR */
export function readEnvvars(
  { path: file, text, setBy }: ConfigFile,
  initial: ReadonlyMap<ByteString, ByteString>,
): Environment {
  const variables = new Map<ByteString, Setting>();
  const exports = new Set<ByteString>();
  for (const [name, value] of initial)
    variables.set(name, { value, source: { kind: 'default', of: 'apache2ctl' }, setBy: 0 });
  /** One entry for each `if` that is open: whether its present branch counts, and whether one did. */
  const branches: { isActive: boolean; isDone: boolean }[] = [];
  const lookUp = (name: ByteString): ByteString => variables.get(name)?.value ?? '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = trim(raw);
    const branch = branches.at(-1);
    const condition = /^(if|elif)\s+(.*?)\s*(?:;\s*then)?$/.exec(line);
    if (condition !== null) {
      const holds = test(condition[2] ?? '', lookUp);
      if (condition[1] === 'if')
        branches.push({ isActive: holds === true, isDone: holds !== false });
      else if (branch !== undefined) {
        branch.isActive = !branch.isDone && holds === true;
        branch.isDone ||= holds !== false;
      }
    } else if (line === 'else' && branch !== undefined) branch.isActive = !branch.isDone;
    else if (/^fi\b/.test(line)) branches.pop();
    if (branches.some(({ isActive }) => !isActive)) continue;

    const [, exportWord, name, written = ''] = assignment.exec(line) ?? [];
    if (name !== undefined) {
      const value = shellWord(written, lookUp);
      if (value === undefined) variables.delete(name);
      else variables.set(name, { value, source: { kind: 'file', file, line: index + 1 }, setBy });
      if (exportWord !== undefined) exports.add(name);
    }
    for (const other of namesIn(exported, line)) exports.add(other);
    for (const other of namesIn(unset, line)) variables.delete(other);
  }
  return new Map([...variables].filter(([name]) => exports.has(name)));
}

function namesIn(pattern: RegExp, line: ByteString): ByteString[] {
  return trim(pattern.exec(line)?.[1] ?? '')
    .split(/\s+/)
    .filter((name) => name !== '');
}

type LookUp = (name: ByteString) => ByteString;

/** `[ A = B ]`, `[ A != B ]`, `[ -n A ]`, `[ -z A ]`; undefined for all else. */
function test(condition: ByteString, lookUp: LookUp): boolean | undefined {
  const inner = /^\[\s+(.*)\s+\]$/.exec(condition)?.[1];
  if (inner === undefined) return undefined;
  const words: ByteString[] = [];
  for (let rest = inner; rest !== ''; ) {
    const taken = takeShellWord(rest, lookUp);
    if (taken === undefined) return undefined;
    words.push(taken.value);
    rest = trim(taken.rest);
  }
  const [first, second, third] = words;
  if (words.length === 2 && first === '-n') return second !== '';
  if (words.length === 2 && first === '-z') return second === '';
  if (words.length !== 3) return undefined;
  if (second === '=' || second === '==') return first === third;
  return second === '!=' ? first !== third : undefined;
}

/** A word that nothing but a comment follows; undefined where a shell would be needed. */
function shellWord(text: ByteString, lookUp: LookUp): ByteString | undefined {
  const taken = takeShellWord(text, lookUp);
  return taken !== undefined && /^\s*(?:[;#]|$)/.test(taken.rest) ? taken.value : undefined;
}

/** The first word of a shell's line, with its quotes and variables resolved. */
function takeShellWord(
  text: ByteString,
  lookUp: LookUp,
): { value: ByteString; rest: ByteString } | undefined {
  let value = '';
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const byte = text.charAt(at);
    if (quote === "'") {
      if (byte === "'") quote = '';
      else value += byte;
    } else if (byte === quote) quote = '';
    else if (quote === '' && (byte === '"' || byte === "'")) quote = byte;
    else if (quote === '' && /[\s;&|]/.test(byte)) return { value, rest: text.slice(at) };
    else if (byte === '`') return undefined;
    else if (byte === '\\') {
      at += 1;
      const next = text.charAt(at);
      value += quote === '"' && !/["\\$`]/.test(next) ? `\\${next}` : next;
    } else if (byte === '$') {
      const used = variableAt(text.slice(at), lookUp);
      if (used === undefined) return undefined;
      value += used.value;
      at += used.length - 1;
    } else value += byte;
  }
  return quote === '' ? { value, rest: '' } : undefined;
}

/** `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME##prefix}` with a prefix that is no pattern. */
function variableAt(
  text: ByteString,
  lookUp: LookUp,
): { value: ByteString; length: number } | undefined {
  const plain = new RegExp(`^\\$(${namePattern})`).exec(text);
  if (plain !== null) return { value: lookUp(plain[1] ?? ''), length: plain[0].length };
  const braced = new RegExp(`^\\$\\{(${namePattern})(?:(:-|##?)([^}$\`'"*?[\\\\]*))?\\}`).exec(
    text,
  );
  if (braced === null) return /^\$(?:[\s"]|$)/.test(text) ? { value: '$', length: 1 } : undefined;
  const [{ length }, name = '', operator, word = ''] = braced;
  const value = lookUp(name);
  if (operator === ':-') return { value: value === '' ? word : value, length };
  const isCut = operator !== undefined && value.startsWith(word);
  return { value: isCut ? value.slice(word.length) : value, length };
}
