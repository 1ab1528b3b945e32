/**
 * What a PHP file of settings says: what it returns, and what its variables, constants and classes hold at
 * its end.
 *
 * Invariant: the file is read, never run. A value that the code sets under a condition, in a loop or in a way
 * that is not understood is unknown, and so is everything that the same name held before.
 */
import type { ByteString } from '../../php/byte-string.js';
import { Expressions, type Surroundings } from './expression.js';
import { NotPhp, type Token, tokensOf } from './tokens.js';
import { keyText, type PhpValue, unknown, withEntry } from './values.js';

export interface PhpFile {
  /** Null: it returns nothing. */
  readonly returned: PhpValue | null;
  readonly variables: ReadonlyMap<string, PhpValue>;
  readonly constants: ReadonlyMap<string, PhpValue>;
  /** Of each class its properties, with what they hold at first. */
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, PhpValue>>;
  /** What `ini_set` was called with; of one setting the last. */
  readonly iniSettings: ReadonlyMap<string, PhpValue>;
  /** Whether `ini_set` may have been called for others. */
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
/** After these any variable may hold anything. */
const hidden = new Set([
  ...['extract', 'eval', 'parse_str', 'mb_parse_str', 'goto'],
  // Blocks without braces: where one ends is not looked for.
  ...['endif', 'endfor', 'endforeach', 'endwhile', 'endswitch'],
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
/** Calls that set something that has no `$` before it. */
const setters = new Set(['define', 'ini_set', 'ini_alter', 'ini_restore']);
const assigning = new Set([
  ...['=', '+=', '-=', '*=', '/=', '.=', '%=', '&=', '|=', '^=', '**=', '<<=', '>>=', '??='],
  ...['++', '--', '&'],
]);

/** A file of settings has some hundred; what would take seconds is not put together. */
const mostCopied = 1_000_000;
/** Of an assignment's keys. */
const deepestPath = 50;

/** Of which nothing is known, and each of which may be there. */
class Unknowns extends Map<string, PhpValue> {
  override get(): PhpValue {
    return unknown(0);
  }
}

class Reader {
  readonly #code: Expressions;
  readonly #variables: Map<string, PhpValue>;
  readonly #constants = new Map<string, PhpValue>();
  readonly #classes = new Map<string, Map<string, PhpValue>>();
  readonly #iniSettings = new Map<string, PhpValue>();
  readonly #includes: PhpValue[] = [];
  #returned: PhpValue | null = null;
  #isObscure = false;
  #isInNamespace = false;
  #hasEnded = false;
  /** Names that share what they hold with others: what is said of one changes the other. */
  readonly #aliased = new Set<string>();
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
    this.#code = new Expressions(tokens, { ...surroundings, constant }, (name, line) =>
      this.#isObscure ? unknown(line) : (this.#variables.get(name) ?? unknown(line)),
    );
  }

  read(): PhpFile {
    while (!this.#hasEnded && !this.#code.hasEnded()) this.#statement();
    const mayReturn = this.#mayHaveReturned && this.#returned !== null;
    return {
      returned: mayReturn ? unknown(this.#code.token.line) : this.#returned,
      variables: this.#isObscure ? new Unknowns() : this.#variables,
      constants: this.#constants,
      classes: this.#classes,
      iniSettings: this.#iniSettings,
      hidesIniSettings: this.#hidesIniSettings,
      includes: this.#includes,
      isObscure: this.#isObscure,
    };
  }

  #statement(): void {
    const code = this.#code;
    const { kind, text, line } = code.token;
    if (kind === 'operator' && /^[;)\]}:]$/.test(text)) {
      code.position += 1;
      return;
    }
    if (kind === 'operator' && text === '#[') {
      code.skipOne();
      return;
    }
    const start = code.position;
    if (kind === 'variable' && this.#assignment()) {
      this.#besides(start, 1);
      return;
    }
    if (kind === 'operator' && text === '@') code.position += 1;
    const word = code.token.text.toLowerCase().replace(/^\\/, '');
    if (code.token.kind === 'name') {
      if (this.#declared(word)) return;
      if (this.#called(word, line)) {
        this.#besides(start, 0);
        return;
      }
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
    const before = this.#variables.get(name);
    if (path.length > 0 && before?.kind === 'array') this.#copied += before.entries.size;
    if (this.#copied > mostCopied) this.#isObscure = true;
    else if (this.#mayHaveReturned || this.#aliased.has(name)) this.#forget(name, line);
    else this.#variables.set(name, withEntry(before, path, value));
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
      case 'include':
      case 'include_once':
      case 'require':
      case 'require_once':
        code.position += 1;
        this.#includes.push(code.read());
        return true;
      default:
        return false;
    }
  }

  /** Statements that change nothing by themselves. */
  #declared(name: string): boolean {
    const code = this.#code;
    switch (name) {
      case 'namespace':
      case 'use':
      case 'declare':
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
        return this.#declaration();
      default:
        return false;
    }
  }

  #defined(name: string): PhpValue | undefined {
    // A namespace may have one of its own by that name.
    if (this.#isInNamespace && !name.startsWith('\\')) return undefined;
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
    const isCertain = !this.#hidesConstants && !this.#mayHaveReturned;
    this.#constants.set(name, isCertain ? value : unknown(value.line));
  }

  #iniSet(): boolean {
    const args = this.#callOfTwo();
    if (args === null) return false;
    const name = keyText(args[0]);
    if (name === null || this.#mayHaveReturned) this.#hidesIniSettings = true;
    else this.#iniSettings.set(name, args[1]);
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
        const isWhole = code.take(')') && code.is(';');
        // Arguments that set something do so before.
        if (isWhole && !this.#setters(start + 1).next().value) return [first, second];
      }
    }
    code.position = start;
    return null;
  }

  #class(): boolean {
    const code = this.#code;
    const start = code.position;
    const name = code.peek();
    if (name.kind !== 'name') return false;
    while (!code.is('{')) {
      if (code.hasEnded() || code.is(';')) return false;
      code.position += 1;
    }
    code.position += 1;
    const properties = new Map<string, PhpValue>();
    while (!code.take('}') && !code.hasEnded()) this.#member(properties);
    this.#classes.set(name.text, properties);
    this.#maySetLater(start);
    return true;
  }

  /** Code of a function or a class, which may be called at any time. */
  #maySetLater(start: number): void {
    this.#forgetSetters(start);
    for (let at = start; at < this.#code.position; at += 1) {
      const { kind, text } = this.#code.tokenAt(at);
      const reaches =
        (kind === 'name' && text.toLowerCase() === 'global') ||
        (kind === 'variable' && text === 'GLOBALS');
      if (reaches) this.#isObscure = true;
    }
  }

  #member(properties: Map<string, PhpValue>): void {
    const code = this.#code;
    while (!code.hasEnded()) {
      const { kind, text, line } = code.token;
      if (kind === 'variable') {
        code.position += 1;
        properties.set(text, code.take('=') ? code.read() : { kind: 'null', line });
        // Hooks of PHP 8.4 may answer otherwise.
        if (code.is('{')) properties.set(text, unknown(line));
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

  /** A declaration whose body changes nothing until it is called. */
  #declaration(): boolean {
    const code = this.#code;
    const start = code.position;
    if (code.peek().kind !== 'name' && code.peek().text !== '&') return false;
    while (!code.is('{') && !code.is(';') && !code.hasEnded()) code.skipOne();
    if (code.is('{')) code.skipOne();
    this.#maySetLater(start);
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
    this.#forgetWithin(start, isControl);
  }

  /**
   * Calls that define a constant or set one of PHP's settings, from a position to here; `first` is their
   * first argument where that is a plain text.
   */
  *#setters(start: number): Generator<{ readonly name: string; readonly first: Token | null }> {
    const code = this.#code;
    for (let at = start; at < code.position; at += 1) {
      const { kind, text } = code.tokenAt(at);
      const name = text.toLowerCase().replace(/^\\/, '');
      if (kind !== 'name' || !setters.has(name) || code.tokenAt(at + 1).text !== '(') continue;
      const first = code.tokenAt(at + 2);
      const isText = first.kind === 'string' && code.tokenAt(at + 3).text === ',';
      yield { name, first: isText ? first : null };
    }
  }

  /** What calls would set that may run, or may not. */
  #forgetSetters(start: number): void {
    for (const { name, first } of this.#setters(start)) {
      if (name !== 'define') this.#hidesIniSettings = true;
      else if (first === null) this.#hidesConstants = true;
      else this.#constant(first.text, unknown(first.line));
    }
  }

  /** What an understood statement may do beside what it says: `$a = $b = 1`, `$a = f($b)`. */
  #besides(start: number, assignments: number): void {
    let count = 0;
    let isHarmless = true;
    const itself = this.#code.tokenAt(start).text === '@' ? start + 1 : start;
    for (let at = start; at < this.#code.position; at += 1) {
      const { kind, text } = this.#code.tokenAt(at);
      const next = this.#code.tokenAt(at + 1);
      if (kind === 'operator' && assigning.has(text)) count += 1;
      if (kind !== 'name') continue;
      const lower = text.toLowerCase().replace(/^\\/, '');
      if (/^(?:include|require)(?:_once)?$/.test(lower) && at > start) isHarmless = false;
      if (hidden.has(lower)) isHarmless = false;
      if (next.kind === 'operator' && next.text === '(' && !harmless.has(lower)) {
        isHarmless &&= setters.has(lower) && at === itself;
      }
    }
    if (count > assignments || !isHarmless) this.#forgetWithin(start + assignments, false);
  }

  #forgetWithin(start: number, isControl: boolean): void {
    this.#forgetSetters(start);
    const forgotten: Token[] = [];
    let sharesNames = false;
    for (let at = start; at < this.#code.position; at += 1) {
      const { kind, text } = this.#code.tokenAt(at);
      const previous = at > start ? this.#code.tokenAt(at - 1).text : '';
      if (kind === 'operator' && text === '&') sharesNames = true;
      if (kind === 'variable') {
        if (text === 'GLOBALS' || previous === '$') this.#isObscure = true;
        else if (previous !== '::') forgotten.push(this.#code.tokenAt(at));
      } else if (kind === 'name') {
        const lower = text.toLowerCase().replace(/^\\/, '');
        if (hidden.has(lower)) this.#isObscure = true;
        if (/^(?:include|require)(?:_once)?$/.test(lower))
          this.#includes.push(this.#valueAt(at + 1));
        if (isControl && lower === 'return') this.#mayHaveReturned = true;
      }
    }
    for (const { text, line } of forgotten) {
      if (sharesNames) this.#aliased.add(text);
      this.#forget(text, line);
    }
  }

  #valueAt(position: number): PhpValue {
    const here = this.#code.position;
    this.#code.position = position;
    const value = this.#code.read();
    this.#code.position = here;
    return value;
  }

  #forget(name: string, line: number): void {
    this.#variables.set(name, unknown(line));
  }
}
