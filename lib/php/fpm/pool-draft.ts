/**
 * One pool as its lines are read, from however many sections and files.
 *
 * php-fpm keeps two kinds of values (sapi/fpm/fpm/fpm_conf.c): of a plain directive (`user`) the last
 * one counts; of `php_value[…]`, `php_admin_value[…]` and `env[…]` the FIRST, since each is put before
 * those that are there and all are applied in that order, so that the oldest has the last word.
 *
 * Invariant: a line that php-fpm would refuse changes nothing but `problems`; the first such line
 * makes the pool broken, and hides no other line of it.
 */
import { type ByteString, printable } from '../byte-string.js';
import type { IniEntry } from '../ini/ini.js';
import {
  bothSetters,
  type Setter,
  type Setting,
  type Source,
  type Warning,
} from '../provenance.js';
import { arrayNames, isPoolDirective } from './directives.js';
import { expandPoolName } from './expand.js';

/** Where an entry stands, and who could have put it there. */
export interface Origin {
  readonly source: Source;
  readonly setBy: Setter;
}

/** The first ones are enough to mend it. */
const maxWarnings = 20;

type ArrayName = 'env' | 'php_value' | 'php_admin_value';

export class PoolDraft {
  readonly warnings: Warning[] = [];
  /** How much was said that loses nothing (null), and of the losses of each user. */
  readonly #said = new Map<Setter, number>();
  /** php-fpm would not start with it. */
  isBroken = false;
  readonly #directives = new Map<string, Setting>();
  readonly #arrays: Readonly<Record<ArrayName, Map<ByteString, Setting>>> = {
    env: new Map(),
    php_value: new Map(),
    php_admin_value: new Map(),
  };

  /** @param name as the first of its sections spells it */
  constructor(
    readonly name: ByteString,
    readonly origin: Origin,
  ) {}

  directive(name: string): Setting | undefined {
    return this.#directives.get(name);
  }

  /** What php-fpm makes of `array[key]`, however often it is there. */
  element(array: ArrayName, key: ByteString): Setting | undefined {
    return this.#arrays[array].get(key);
  }

  add(entry: IniEntry, origin: Origin): void {
    if (entry.offset === null) this.#addDirective(entry, origin);
    else this.#addElement(entry, entry.offset, origin);
  }

  /** Says what is wrong with it, and that php-fpm would not start with it. */
  refuse(message: string, source: Source = this.origin.source): void {
    this.isBroken = true;
    this.warn(message, source);
  }

  /** @param hides whose word was lost; null: nobody's */
  warn(message: string, source: Source = this.origin.source, hides: Setter = null): void {
    const count = this.#said.get(hides) ?? 0;
    if (count === maxWarnings) return;
    this.#said.set(hides, count + 1);
    const warning = { message: `pool ${printable(this.name)}: ${message}`, source };
    this.warnings.push(hides === null ? warning : { ...warning, hides });
  }

  #addDirective({ key, value }: IniEntry, origin: Origin): void {
    const name = key.toLowerCase();
    if (!isPoolDirective(name)) {
      this.refuse(`unknown directive ${printable(key)}`, origin.source);
      return;
    }
    if (name === 'clear_env' && value !== '' && value !== '1') {
      this.refuse(`clear_env is neither on nor off: ${printable(value)}`, origin.source);
      return;
    }
    const setting = this.#expand(value, origin, printable(key));
    if (setting !== undefined) this.#directives.set(name, setting);
  }

  #addElement({ key, value }: IniEntry, offset: ByteString, origin: Origin): void {
    const what = `${printable(key)}[${printable(offset)}]`;
    if (key === 'access.suppress_path') return;
    const target = arrayNames.get(key);
    if (target === undefined || offset === '') {
      this.refuse(target ? `${what} has no name` : `unknown directive ${what}`, origin.source);
      return;
    }
    if (target.isFlag && value !== '' && value !== '1') {
      this.refuse(`${what} is neither on nor off: ${printable(value)}`, origin.source);
      return;
    }
    if (key === 'env' && value === '') {
      this.refuse(`${what} is empty`, origin.source);
      return;
    }
    const settings = this.#arrays[target.array];
    if (settings.has(offset)) return;
    const setting = target.isFlag
      ? { value: value === '' ? '0' : '1', ...origin }
      : this.#expand(value, origin, what);
    if (setting !== undefined) settings.set(offset, setting);
  }

  /** With `$pool` replaced: then whoever wrote the pool's name has had a hand in it too. */
  #expand(value: ByteString, { source, setBy }: Origin, what: string): Setting | undefined {
    const expanded = expandPoolName(value, this.name);
    if (expanded === undefined) {
      const by = bothSetters(setBy, this.origin.setBy);
      this.isBroken = true;
      // With a name that holds it, php-fpm never comes to an end.
      const hides = this.name.includes('$pool') ? null : by;
      this.warn(`${what}: $pool cannot be replaced by this pool's name`, source, hides);
      return undefined;
    }
    const isChanged = expanded !== value;
    return {
      value: expanded,
      source,
      setBy: isChanged ? bothSetters(setBy, this.origin.setBy) : setBy,
    };
  }
}
