/**
 * What a starter script of PHP has it start with: read as text, never run. Panels write them in a few
 * lines of shell: variables, `export`, and an `exec` at the end.
 *
 * Invariant: a variable or a branch that only a shell could follow is told, never guessed; it ends,
 * whatever the text holds.
 */
import type { ByteString } from '../byte-string.js';
import { absolutePath } from '../paths.js';
import { programOf } from '../processes/program.js';

export interface StarterCommand {
  /** The interpreter and its arguments. */
  readonly words: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  /** Whether it is sure that it is started so, and in no other way. */
  readonly isSure: boolean;
}

export interface StarterContext {
  /** The script's own path. */
  readonly path: ByteString;
  /** What it is given after its name. */
  readonly arguments: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
}

/** Variables that decide which files PHP reads, and where its sessions are. */
const decisive = new Set<ByteString>(['PHPRC', 'PHP_INI_SCAN_DIR', 'TMPDIR']);
/** After which the same line goes on with a command. */
const openers = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '{', '!', 'time']);
/** What else is no command: what stands between them may not be run. */
const branches = new Set(['for', 'case', 'esac', 'fi', 'done', '}', 'function', 'select']);
/** Builtins that may change a variable in a way that is not followed. */
const opaque = new Set(['.', 'source', 'eval', 'read', 'local', 'shift', 'getopts', 'alias']);
const declarations = new Set(['export', 'declare', 'typeset', 'readonly']);
/** Programs that run another as it is. */
const transparent = /(?:^|\/)(?:env|nice|ionice|exec|command|nohup|setsid)$/;
const maxCommands = 64;
/** Stands for `$(dirname "$0")`. */
const ownDirectory = 'dirname_of_the_script';

/** @returns every way in which it may start PHP; none where it starts none that is known */
export function readStarter(text: ByteString, context: StarterContext): StarterCommand[] {
  if (!/^#![^\n]*\/(?:env +)?(?:ba|da|a|k|z)?sh\b/.test(text)) return [];
  return new Starter(context).read(text);
}

/** A word: null where it depends on what is not known. Several where it was split. */
type Words = readonly (ByteString | null)[];

class Starter {
  readonly #context: StarterContext;
  readonly #variables: Map<ByteString, ByteString | null>;
  readonly #exported: Set<ByteString>;
  readonly #found: StarterCommand[] = [];
  #directory: ByteString | null;
  #isSure = true;

  constructor(context: StarterContext) {
    this.#context = context;
    this.#variables = new Map(context.environment);
    this.#exported = new Set(context.environment.keys());
    this.#directory = absolutePath(context.path, '..');
  }

  read(text: ByteString): StarterCommand[] {
    for (const { words, isAlways } of commandsIn(text)) {
      if (!isAlways) this.#isSure = false;
      const hasEnded = this.#run(words);
      if ((hasEnded && this.#isSure) || this.#found.length === maxCommands) break;
    }
    return this.#found.map((found) => ({ ...found, isSure: found.isSure && this.#isSure }));
  }

  /** @returns whether nothing comes after it */
  #run(given: readonly ByteString[]): boolean {
    let words = given;
    while (openers.has(words[0] ?? '')) {
      if (words[0] !== '{' && words[0] !== 'time') this.#isSure = false;
      words = words.slice(1);
    }
    const first = words[0] ?? '';
    if (branches.has(first) || opaque.has(first)) {
      this.#isSure = false;
      return false;
    }
    const own = words.findIndex((word) => !isAssignment(word));
    const assignments = own < 0 ? words : words.slice(0, own);
    if (own < 0 || declarations.has(words[own] ?? '')) {
      for (const word of assignments) this.#assign(word, false);
      if (own >= 0) this.#declare(words.slice(own + 1));
      return false;
    }
    const command = words.slice(own);
    switch (command[0]) {
      case 'cd':
        this.#changeDirectory(command[1]);
        return false;
      case 'unset':
        for (const name of command.slice(1)) this.#variables.delete(name);
        return false;
      case 'exit':
        return true;
      default:
        return this.#start(command, assignments);
    }
  }

  #declare(words: readonly ByteString[]): void {
    for (const word of words) {
      if (word.startsWith('-')) continue;
      if (isAssignment(word)) this.#assign(word, true);
      else this.#exported.add(word);
    }
  }

  #assign(word: ByteString, isExported: boolean): void {
    const equals = word.indexOf('=');
    const name = word.slice(0, equals);
    this.#variables.set(name, this.#value(word.slice(equals + 1)));
    if (isExported) this.#exported.add(name);
  }

  #changeDirectory(word: ByteString | undefined): void {
    const value = word === undefined ? null : this.#value(word);
    this.#directory =
      value === null || (this.#directory === null && !value.startsWith('/'))
        ? null
        : absolutePath(this.#directory ?? '/', value);
  }

  #start(command: readonly ByteString[], assignments: readonly ByteString[]): boolean {
    const isLast = command[0] === 'exec';
    const words: Words = command.flatMap((word) => this.#expanded(word));
    const at = words.findIndex((word) => word !== null && isPhp(word));
    // What is not known may be PHP; programs of another kind change nothing.
    if (at < 0) {
      if (isLast || words[0] === null) this.#isSure = false;
      return isLast;
    }
    const environment = this.#environment(assignments);
    let isSure = environment !== null;
    const variables = new Map(environment ?? []);
    for (const word of words.slice(0, at)) {
      if (word !== null && isAssignment(word)) {
        const equals = word.indexOf('=');
        variables.set(word.slice(0, equals), word.slice(equals + 1));
      } else if (word === null || !(transparent.test(word) || /^-?[A-Za-z]?\d*$/.test(word))) {
        isSure = false;
      }
      // `env -i` leaves nothing of what was there.
      if (word === '-i' || word === '-a') isSure = false;
    }
    const own = words.slice(at);
    const known = own.filter((word) => word !== null);
    this.#found.push({
      words: known,
      environment: variables,
      isSure: isSure && known.length === own.length,
    });
    return isLast;
  }

  /** What is exported, and what stands before the command; null: a part that matters is not known. */
  #environment(assignments: readonly ByteString[]): Map<ByteString, ByteString> | null {
    const environment = new Map<ByteString, ByteString>();
    let isKnown = true;
    const add = (name: ByteString, value: ByteString | null | undefined): void => {
      if (value == null) isKnown &&= value === undefined || !decisive.has(name);
      else environment.set(name, value);
    };
    for (const name of this.#exported) add(name, this.#variables.get(name));
    for (const word of assignments) {
      const equals = word.indexOf('=');
      add(word.slice(0, equals), this.#value(word.slice(equals + 1)));
    }
    return isKnown ? environment : null;
  }

  /** A word that is not split. */
  #value(written: ByteString): ByteString | null {
    const words = this.#expanded(written, false);
    return words.length === 0 ? '' : words.some((word) => word === null) ? null : words.join(' ');
  }

  #expanded(written: ByteString, isSplit = true): Words {
    if (/^"?\$[@*]"?$/.test(written)) return this.#context.arguments;
    if (/`|\$\(|^~/.test(written)) return [null];
    let isKnown = true;
    let hasSplit = false;
    let quote = '';
    const text = written.replace(
      /\\([\s\S])|\$(?:\{(\w+)(?::?-([^}$]*))?\}|(\w+)|(\{))|(["'])/g,
      (
        whole,
        escaped?: string,
        braced?: string,
        byDefault?: string,
        bare?: string,
        odd?: string,
        mark?: string,
      ) => {
        if (quote === "'" && mark !== "'") return whole;
        if (mark !== undefined) {
          if (quote !== '' && quote !== mark) return mark;
          quote = quote === '' ? mark : '';
          return '';
        }
        if (escaped !== undefined) return escaped === '\n' ? '' : escaped;
        const name = braced ?? bare ?? '';
        const value = odd === undefined ? (this.#valueOf(name) ?? byDefault ?? null) : null;
        if (value === null) isKnown = false;
        else if (quote === '' && /\s/.test(value)) hasSplit = true;
        return value ?? '';
      },
    );
    if (!isKnown) return [null];
    if (isSplit && hasSplit) return text.split(/\s+/).filter((word) => word !== '');
    return isSplit && text === '' && !/["']/.test(written) ? [] : [text];
  }

  #valueOf(name: ByteString): ByteString | null {
    if (name === 'PWD' && !this.#variables.has(name)) return this.#directory;
    if (name === '0') return this.#context.path;
    if (name === ownDirectory) return absolutePath(this.#context.path, '..');
    if (/^[1-9]$/.test(name)) return this.#context.arguments[Number(name) - 1] ?? '';
    return this.#variables.get(name) ?? null;
  }
}

function isAssignment(word: ByteString): boolean {
  return /^[A-Za-z_]\w*=/.test(word);
}

function isPhp(word: ByteString): boolean {
  const sapi = programOf(word)?.sapi;
  return sapi === 'cgi' || sapi === 'cli' || sapi === 'litespeed';
}

interface ShellCommand {
  /** As they are written, quotes and all. */
  readonly words: readonly ByteString[];
  /** False behind `&&` and `||`, in a pipe and in brackets. */
  readonly isAlways: boolean;
}

/** A word with its quotes, an operator, a comment, the end of a line. */
const token =
  /[ \t]+|\\\n|#[^\n]*|&&|\|\||[;&|()]+|\n|\d*[<>]+&?[ \t]*[^\s;&|()]*|(?:\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*'|`[^`]*`|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^}]*\}|[^\s;&|()<>"'`\\])+|["'`\\]/gy;

function* commandsIn(text: ByteString): Generator<ShellCommand> {
  const directory =
    /(["'`]?)\$\(\s*dirname\s+"?\$(?:0|\{0\})"?\s*\)|`\s*dirname\s+"?\$(?:0|\{0\})"?\s*`/g;
  const lines = text
    .slice(text.indexOf('\n') + 1)
    .replace(directory, (_, mark: string | undefined) => `${mark ?? ''}\${${ownDirectory}}`);
  let words: ByteString[] = [];
  let isAlways = true;
  for (const [piece] of lines.matchAll(token)) {
    const isBlank = /^[ \t]/.test(piece) || piece === '\\\n';
    const isRedirection = /^\d*[<>]/.test(piece);
    if (isBlank || isRedirection || (piece.startsWith('#') && piece !== '')) continue;
    if (!/^(?:[;&|()]+|\n)$/.test(piece)) {
      words.push(piece);
      continue;
    }
    if (/^(?:\||[()])/.test(piece)) isAlways = false;
    if (words.length > 0) yield { words, isAlways };
    words = [];
    isAlways = piece === '\n' || piece === ';';
  }
  if (words.length > 0) yield { words, isAlways };
}
