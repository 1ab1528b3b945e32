/**
 * What a PHP file of settings says: what it returns, and what its variables, constants and classes hold at
 * its end.
 *
 * Invariant: the file is read, never run. A value that the code sets under a condition, in a loop or in a way
 * that is not understood is unknown, and so is everything that the same name held before. What sets something
 * unseen (unseen.ts) makes all of it unknown.
 */
import type { ByteString } from '../../php/byte-string.js';
import { Expressions, type Surroundings } from './expression.js';
import { NotPhp, type Token, tokensOf } from './tokens.js';
import { codeWithin, plainName, setters, unseenIn } from './unseen.js';
import {
  at,
  holdsObject,
  keyText,
  type PhpValue,
  unknown,
  withEntry,
  withUnknown,
} from './values.js';

export interface PhpFile {
  /** Null: it returns nothing. */
  readonly returned: PhpValue | null;
  readonly variables: ReadonlyMap<string, PhpValue>;
  readonly constants: ReadonlyMap<string, PhpValue>;
  /** Of each class its properties, with what they hold at first. */
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, PhpValue>>;
  /** What `ini_set` was called with; of one setting the last. PHP refuses some, and has functions for others. */
  readonly iniSettings: ReadonlyMap<string, PhpValue>;
  /** Whether code may set others that it does not name: then all values are unknown. */
  readonly hidesIniSettings: boolean;
  /** Files that it runs beside itself, which may set everything anew. */
  readonly includes: readonly PhpValue[];
  /** Whether code may have set variables without naming them. */
  readonly isObscure: boolean;
}

/** @returns the reason, with its line, where the text is no PHP */
export function readPhp(text: ByteString, surroundings: Surroundings = {}): PhpFile | NotPhp {
  try {
    return new Reader(tokensOf(text), surroundings).read();
  } catch (error) {
    if (error instanceof NotPhp) return error;
    throw error;
  }
}

const controls = new Set([
  ...['if', 'else', 'elseif', 'for', 'foreach', 'while', 'do', 'switch', 'try', 'catch', 'finally'],
]);
/** Calls that change no variable that they are given. */
const harmless = new Set([
  ...['array', 'isset', 'empty', 'defined', 'env', 'getenv', 'file_get_contents', 'file_exists'],
  ...['is_readable', 'is_file', 'is_dir', 'dirname', 'basename', 'realpath', 'trim', 'rtrim'],
  ...['ltrim', 'strtolower', 'strtoupper', 'md5', 'sha1', 'hash', 'sprintf', 'str_replace'],
  ...['explode', 'implode', 'json_decode', 'base64_decode', 'array_merge', 'ini_get', 'intval'],
  ...['strval', 'boolval', 'php_sapi_name', 'phpversion', 'version_compare', 'storage_path'],
  ...['base_path', 'database_path', 'app_path', 'config_path', 'resource_path', 'public_path'],
  ...['in_array', 'array_key_exists', 'strpos', 'substr', 'stristr', 'array_filter'],
]);
const assigning = new Set([
  ...['=', '+=', '-=', '*=', '/=', '.=', '%=', '&=', '|=', '^=', '**=', '<<=', '>>=', '??='],
  ...['++', '--', '&'],
]);

/** A file of settings has some hundred; what would take seconds is not put together. */
const mostCopied = 1_000_000;
/** Of an assignment's keys. */
const deepestPath = 50;

/** Statements whose calls and assignments come before what they set. */
const settling = new Set(['return', 'define', 'const', 'ini_set', 'ini_alter']);
/** PHP's own, which the first definition was. */
const ownConstant = /^(?:PHP_|E_|M_|DIRECTORY_SEPARATOR$)|^(?:true|false|null)$/i;
const includes = /^(?:include|require)(?:_once)?$/;
const variableName = /\$([a-zA-Z_\x80-\xff][a-zA-Z0-9_\x80-\xff]*)/g;
const superglobal = /^_(?:SERVER|ENV|GET|POST|COOKIE|FILES|REQUEST|SESSION)$/;

/** Of which nothing is known, and each of which may be there. */
class Unknowns extends Map<string, PhpValue> {
  override get(): PhpValue {
    return unknown(0);
  }
}

function allUnknown(values: ReadonlyMap<string, PhpValue>): ReadonlyMap<string, PhpValue> {
  return new Map(Array.from(values, ([name, { line }]) => [name, unknown(line)]));
}

class Reader {
  readonly #code: Expressions;
  readonly #variables: Map<string, PhpValue>;
  readonly #constants = new Map<string, PhpValue>();
  readonly #classes = new Map<string, Map<string, PhpValue>>();
  readonly #iniSettings = new Map<string, PhpValue>();
  /** By the position of the token. */
  readonly #includes = new Map<number, PhpValue>();
  #returned: PhpValue | null = null;
  #isObscure = false;
  #isInNamespace = false;
  #hasEnded = false;
  /** Names that share what they hold with others: what is said of one changes the other. */
  readonly #aliased = new Set<string>();
  /** Variables that hold an object, or arrays with one in them. */
  readonly #objects = new Set<string>();
  readonly #ownFunctions: ReadonlySet<string>;
  /** Whether it may have returned before. */
  #mayHaveReturned = false;
  #hidesIniSettings = false;
  /** Whether constants may have been defined that were not seen; of each the first definition counts. */
  #hidesConstants = false;
  /** Entries of arrays, which each assignment to one copies. */
  #copied = 0;

  constructor(tokens: readonly Token[], surroundings: Surroundings) {
    this.#variables = new Map(surroundings.variables);
    const constant = (name: string, line: number) =>
      surroundings.constant?.(name, line) ?? this.#defined(name);
    const unseen = unseenIn(tokens);
    this.#isObscure = unseen.all;
    this.#hidesConstants = unseen.constants;
    this.#hidesIniSettings = unseen.iniSettings;
    this.#ownFunctions = unseen.functions;
    this.#code = new Expressions(tokens, { ...surroundings, constant }, (name, line) =>
      this.#isObscure ? unknown(line) : (this.#variables.get(name) ?? unknown(line)),
    );
  }

  read(): PhpFile {
    while (!this.#hasEnded && !this.#code.hasEnded()) this.#statement();
    this.#otherIncludes();
    const isObscure = this.#isObscure;
    const hidesIniSettings = isObscure || this.#hidesIniSettings;
    const isUncertain = isObscure || this.#mayHaveReturned;
    return {
      returned: isUncertain ? unknown(this.#code.token.line) : this.#returned,
      variables: isObscure ? new Unknowns() : this.#variables,
      constants: isObscure ? new Unknowns() : this.#constants,
      classes: isObscure
        ? new Map(Array.from(this.#classes.keys(), (name) => [name, new Unknowns()]))
        : this.#classes,
      iniSettings: hidesIniSettings ? allUnknown(this.#iniSettings) : this.#iniSettings,
      hidesIniSettings,
      includes: [...this.#includes.values()],
      isObscure,
    };
  }

  #statement(): void {
    const code = this.#code;
    const { kind, text, line } = code.token;
    // A block of its own runs like all else.
    if (kind === 'operator' && /^[;)\]{}]$/.test(text)) {
      code.position += 1;
      return;
    }
    if (kind === 'operator' && text === '#[') {
      code.skipOne();
      return;
    }
    if (kind === 'variable') {
      this.#besides(1);
      if (this.#assignment()) return;
    }
    if (kind === 'operator' && text === '@') code.position += 1;
    if (code.token.kind === 'name') {
      const word = plainName(code.token.text);
      // A label, and what it stands before.
      if (code.peek().text === ':' && code.peek().kind === 'operator') {
        code.position += 2;
        return;
      }
      if (this.#declaration(word)) return;
      if (settling.has(word) || includes.test(word)) this.#besides(0);
      if (this.#called(word, line)) return;
    }
    this.#otherwise();
  }

  /** `$name['key']->property = value;` */
  #assignment(): boolean {
    const code = this.#code;
    const start = code.position;
    const { text: name, line } = code.token;
    code.position += 1;
    const path: string[] = [];
    /** Whether the path is the whole one; else the change is somewhere below it. */
    let isKnown = true;
    for (;;) {
      if (code.take('[')) {
        const key = code.is(']') ? null : keyText(code.read());
        if (!code.take(']')) return this.#back(start);
        if (key === null || path.length >= deepestPath) isKnown = false;
        else if (isKnown) path.push(key);
      } else if (code.is('->') && code.peek().kind === 'name') {
        if (path.length >= deepestPath) isKnown = false;
        if (isKnown) path.push(`->${code.peek().text}`);
        code.position += 2;
      } else break;
    }
    if (!code.take('=') || code.is('&')) return this.#back(start);
    const read = code.read();
    const value = isKnown ? read : unknown(line);
    if (!code.is(';') && !code.hasEnded()) return this.#back(start);
    if (name === 'GLOBALS' || name === 'this') return this.#back(start);
    const isShared = this.#aliased.has(name) || superglobal.test(name);
    if (this.#mayHaveReturned || isShared) this.#forget(name, line);
    else this.#change(name, path, (before) => withEntry(before, path, value));
    if (holdsObject(value)) this.#objects.add(name);
    return true;
  }

  #back(start: number): false {
    this.#code.position = start;
    return false;
  }

  /** Statements that set something, or end the file. */
  #called(name: string, line: number): boolean {
    const code = this.#code;
    switch (name) {
      case 'return':
        code.position += 1;
        this.#returned = code.is(';') ? { kind: 'null', line } : code.read();
        this.#hasEnded = true;
        return true;
      case 'exit':
      case 'die':
      case '__halt_compiler':
        this.#hasEnded = true;
        return true;
      case 'define':
        return this.#define();
      case 'const':
        return this.#const();
      case 'ini_set':
      case 'ini_alter':
        return this.#iniSet();
      default:
        if (!includes.test(name)) return false;
        code.position += 1;
        this.#includes.set(code.position, code.read());
        return true;
    }
  }

  /** Statements that change nothing by themselves. */
  #declaration(name: string): boolean {
    const code = this.#code;
    switch (name) {
      case 'declare':
        code.position += 1;
        code.skipOne();
        return true;
      case 'namespace':
      case 'use':
        this.#isInNamespace ||= name === 'namespace';
        while (!code.hasEnded() && !code.is(';') && !code.is('{')) code.position += 1;
        return true;
      case 'abstract':
      case 'final':
      case 'readonly':
        code.position += 1;
        return true;
      case 'class':
        return this.#class();
      case 'function':
      case 'interface':
      case 'trait':
      case 'enum':
        return this.#body();
      default:
        return false;
    }
  }

  #defined(name: string): PhpValue | undefined {
    // A namespace may have one of its own by that name.
    const isQualified = name.startsWith('\\');
    if (!isQualified && (this.#isInNamespace || name.includes('\\'))) return undefined;
    return this.#constants.get(name.replace(/^\\/, ''));
  }

  #define(): boolean {
    const args = this.#callOfTwo();
    if (args === null) return false;
    const name = keyText(args[0]);
    if (name === null) this.#hidesConstants = true;
    else this.#constant(name, args[1]);
    return true;
  }

  /** `const NAME = value, OTHER = value;` */
  #const(): boolean {
    const code = this.#code;
    do {
      const name = code.peek();
      if (name.kind !== 'name' || code.peek(2).text !== '=') {
        this.#hidesConstants = true;
        return false;
      }
      code.position += 3;
      const value = code.read();
      // Of a namespace: another constant than the one of that name without it.
      this.#constant(name.text, this.#isInNamespace ? unknown(name.line) : value);
    } while (code.is(','));
    return true;
  }

  #constant(name: string, value: PhpValue): void {
    if (this.#constants.has(name)) return;
    const isHidden = this.#hidesConstants || this.#mayHaveReturned || ownConstant.test(name);
    const isCertain = !isHidden && !holdsObject(value);
    this.#constants.set(name, isCertain ? value : unknown(value.line));
  }

  #iniSet(): boolean {
    const args = this.#callOfTwo();
    if (args === null) return false;
    const name = keyText(args[0]);
    if (name === null) this.#hidesIniSettings = true;
    else this.#iniSettings.set(name, this.#mayHaveReturned ? unknown(args[1].line) : args[1]);
    return true;
  }

  /** A call with two arguments that is a whole statement. */
  #callOfTwo(): [PhpValue, PhpValue] | null {
    const code = this.#code;
    const start = code.position;
    code.position += 1;
    if (code.take('(')) {
      const first = code.read();
      if (code.take(',')) {
        const second = code.read();
        if (code.take(')') && code.is(';')) return [first, second];
      }
    }
    code.position = start;
    return null;
  }

  #class(): boolean {
    const code = this.#code;
    const name = code.peek();
    if (name.kind !== 'name') return false;
    while (!code.is('{')) {
      if (code.hasEnded() || code.is(';')) return false;
      code.position += 1;
    }
    code.position += 1;
    const start = code.position;
    const properties = new Map<string, PhpValue>();
    while (!code.take('}') && !code.hasEnded()) this.#member(properties);
    this.#classes.set(name.text, this.#constructed(properties, start));
    return true;
  }

  /** Those that a constructor may set are unknown: it runs before anybody asks. */
  #constructed(properties: Map<string, PhpValue>, start: number): Map<string, PhpValue> {
    const code = this.#code;
    let isConstructor = false;
    for (let at = start; at < code.position; at += 1) {
      const { kind, text, line } = code.tokenAt(at);
      const next = code.tokenAt(at + 1);
      // A closure has no name.
      if (kind === 'name' && text.toLowerCase() === 'function' && next.kind === 'name') {
        isConstructor = next.text.toLowerCase() === '__construct';
      }
      if (!isConstructor || kind !== 'variable' || text !== 'this') continue;
      const property = code.tokenAt(at + 2);
      const isPlain = next.text === '->' && property.kind === 'name';
      if (!isPlain || code.tokenAt(at + 3).text === '(') return new Unknowns();
      if (properties.has(property.text)) properties.set(property.text, unknown(line));
    }
    return properties;
  }

  #member(properties: Map<string, PhpValue>): void {
    const code = this.#code;
    let isTyped = false;
    let isFloat = false;
    while (!code.hasEnded()) {
      const { kind, text, line } = code.token;
      if (kind === 'name') {
        isTyped ||= !/^(?:public|protected|private|static|var|readonly)$/i.test(text);
        isFloat ||= text.toLowerCase() === 'float';
      }
      if (kind === 'variable') {
        code.position += 1;
        const missing: PhpValue = isTyped ? unknown(line) : { kind: 'null', line };
        const value = code.take('=') ? code.read() : missing;
        // Hooks of PHP 8.4 may answer otherwise, and a whole number becomes a fraction.
        const isOther = code.is('{') || (isFloat && value.kind === 'int');
        properties.set(text, isOther ? unknown(line) : value);
        if (!code.take(',')) break;
      } else if (kind === 'name' && text.toLowerCase() === 'function') {
        while (!code.is('{') && !code.is(';') && !code.hasEnded()) code.skipOne();
        break;
      } else if (kind === 'operator' && /^[;{}]$/.test(text)) break;
      else code.skipOne();
    }
    if (code.is('{')) code.skipOne();
    else code.take(';');
  }

  /** Of a function, or of what has some: it changes nothing until it is called (and see unseen.ts). */
  #body(): boolean {
    const code = this.#code;
    if (code.peek().kind !== 'name' && code.peek().text !== '&') return false;
    while (!code.is('{') && !code.is(';') && !code.hasEnded()) code.skipOne();
    if (code.is('{')) code.skipOne();
    return true;
  }

  /** What is not understood: all that it names is unknown from here on. */
  #otherwise(): void {
    const code = this.#code;
    const start = code.position;
    const isControl = controls.has(code.token.text.toLowerCase());
    while (!code.hasEnded()) {
      if (code.is(';') && code.position > start) break;
      const isBlock = code.is('{');
      code.skipOne();
      // A block ends the statement; a closure's body does not.
      if (isBlock && isControl) break;
    }
    if (code.position === start) code.position += 1;
    this.#forgetWithin(start, 0, isControl);
  }

  /** Constants and settings of PHP that calls from a position to here may set. */
  #forgetSetters(start: number): void {
    const code = this.#code;
    for (let at = start; at < code.position; at += 1) {
      const { kind, text, line } = code.tokenAt(at);
      const name = plainName(text);
      if (kind !== 'name' || !setters.has(name) || code.tokenAt(at + 1).text !== '(') continue;
      const first = code.tokenAt(at + 2);
      const isText = first.kind === 'string' && /^[,)]$/.test(code.tokenAt(at + 3).text);
      if (name === 'define') {
        if (isText) this.#constant(first.text, unknown(line));
        else this.#hidesConstants = true;
      } else if (name === 'session_save_path') {
        this.#iniSettings.set('session.save_path', unknown(line));
      } else if (isText) this.#iniSettings.set(first.text, unknown(line));
      else this.#hidesIniSettings = true;
    }
  }

  /**
   * What the statement here does beside what it says: `$a = $b = 1`, `$a = f($b)`. It comes first, since
   * the rest of its value may follow from it.
   *
   * @param assignments of its own
   */
  #besides(assignments: number): void {
    const code = this.#code;
    const start = code.position;
    while (!code.hasEnded() && !code.is(';')) code.skipOne();
    let count = 0;
    let isHarmless = true;
    for (let at = start; at < code.position; at += 1) {
      const { kind, text } = code.tokenAt(at);
      if (kind === 'operator' && assigning.has(text)) count += 1;
      isHarmless &&= at === start || this.#isHarmless(at);
    }
    if (count > assignments || !isHarmless) this.#forgetWithin(start, assignments, false);
    code.position = start;
  }

  /** Whether a token calls and runs nothing, and gives nobody a hold on an object. */
  #isHarmless(at: number): boolean {
    const code = this.#code;
    const { kind, text } = code.tokenAt(at);
    const [before, next] = [code.tokenAt(at - 1), code.tokenAt(at + 1)];
    const isCalled = next.kind === 'operator' && next.text === '(';
    if (kind === 'template' && codeWithin(text) !== '') return false;
    if (kind === 'variable') return !isCalled && !this.#aliased.has(text) && !this.#givesObject(at);
    if (kind === 'operator') return !isCalled || !/^[)\]}]$/.test(text);
    if (kind === 'string' || kind === 'template') return !isCalled;
    if (kind !== 'name') return true;
    const name = plainName(text);
    if (includes.test(name)) return false;
    if (!isCalled) return true;
    const isMember = /^(?:\??->|::|new)$/i.test(before.text);
    return !isMember && harmless.has(name) && !this.#ownFunctions.has(name);
  }

  /** Whether a variable stands there for an object: not for a plain property of it. */
  #givesObject(position: number): boolean {
    const code = this.#code;
    const { text } = code.tokenAt(position);
    if (!this.#objects.has(text)) return false;
    const property = code.tokenAt(position + 2);
    if (code.tokenAt(position + 1).text !== '->' || property.kind !== 'name') return true;
    const value = at(this.#variables.get(text), `->${property.text}`);
    return value?.kind === 'array';
  }

  /** @param assignments of the statement's own: what the first variable is set to is said elsewhere */
  #forgetWithin(start: number, assignments: number, isControl: boolean): void {
    const code = this.#code;
    this.#forgetSetters(start);
    const named: { name: string; path: readonly string[]; line: number }[] = [];
    let sharesNames = false;
    for (let at = start; at < code.position; at += 1) {
      const { kind, text, line } = code.tokenAt(at);
      if (kind === 'operator' && text === '&') sharesNames = true;
      if (kind === 'variable' && code.tokenAt(at - 1).text !== '::') {
        sharesNames ||= this.#aliased.has(text);
        named.push({ name: text, path: this.#pathAt(at + 1), line });
      } else if (kind === 'template') {
        for (const [, name = ''] of codeWithin(text).matchAll(variableName)) {
          named.push({ name, path: [], line });
        }
      } else if (kind === 'name') {
        const name = plainName(text);
        if (includes.test(name)) this.#includes.set(at + 1, this.#valueAt(at + 1));
        if (isControl && name === 'return') this.#mayHaveReturned = true;
      }
    }
    for (const { name, path, line } of named.slice(sharesNames ? 0 : assignments)) {
      if (sharesNames) this.#aliased.add(name);
      this.#forget(name, line, sharesNames ? [] : path);
    }
  }

  /** The plain keys and properties behind a variable: what else is done with it is done to that part. */
  #pathAt(start: number): string[] {
    const code = this.#code;
    const path: string[] = [];
    for (let at = start; path.length < deepestPath; ) {
      const [open, key, close] = [code.tokenAt(at), code.tokenAt(at + 1), code.tokenAt(at + 2)];
      if (open.kind !== 'operator') break;
      if (open.text === '[' && key.kind === 'string' && close.text === ']') {
        path.push(key.text);
        at += 3;
      } else if (open.text === '->' && key.kind === 'name' && close.text !== '(') {
        path.push(`->${key.text}`);
        at += 2;
      } else break;
    }
    return path;
  }

  /** Files that functions run, and what stands where reading has ended. */
  #otherIncludes(): void {
    const code = this.#code;
    for (let at = 0; code.tokenAt(at).kind !== 'end'; at += 1) {
      const { kind, text, line } = code.tokenAt(at);
      const isInclude = kind === 'name' && includes.test(plainName(text));
      if (isInclude && !this.#includes.has(at + 1)) this.#includes.set(at + 1, unknown(line));
    }
  }

  #valueAt(position: number): PhpValue {
    const here = this.#code.position;
    this.#code.position = position;
    const value = this.#code.read();
    this.#code.position = here;
    return value;
  }

  #forget(name: string, line: number, path: readonly string[] = []): void {
    this.#change(name, path, (before) => withUnknown(before, path, line));
  }

  /** @param path below which it changes: the arrays on the way are copied */
  #change(
    name: string,
    path: readonly string[],
    changed: (before: PhpValue | undefined) => PhpValue,
  ): void {
    const before = this.#variables.get(name);
    if (path.length > 0 && before?.kind === 'array') this.#copied += before.entries.size;
    if (this.#copied > mostCopied) this.#isObscure = true;
    else this.#variables.set(name, changed(before));
  }
}
