/**
 * How many combinations of .htaccess and .user.ini files with ways in which PHP runs are looked at.
 *
 * Invariant: nobody's files make more usages than an allowance of their own; what is left out is told
 * with whose word it hides.
 */
import { Allowances } from '../allowances.js';
import { type ByteString, printable } from '../byte-string.js';
import type { Setter, Warning } from '../provenance.js';
import type { DirectoryOverride } from './override-files.js';

/** Combinations of files with ways in which PHP runs, of root's files and of each user's. */
export const maxUsages = 10_000;
export const maxUserUsages = 1_000;
/** How many are looked at for each that may count. */
const triesOfEach = 20;

/** Counts the combinations with each user's files. */
export class OverrideLimit {
  readonly #warnings: Warning[];
  readonly #allowances = new Allowances(maxUsages, maxUserUsages);
  readonly #tries = new Allowances(triesOfEach * maxUsages, triesOfEach * maxUserUsages);
  readonly #full = new Set<Setter>();

  constructor(warnings: Warning[]) {
    this.#warnings = warnings;
  }

  /** Whether a combination may be looked at, which AllowOverride may not let count. */
  try(override: DirectoryOverride): boolean {
    return this.#tries.take(override.setBy, 1) || this.#refuse(override);
  }

  take(override: DirectoryOverride): boolean {
    return this.#allowances.take(override.setBy, 1) || this.#refuse(override);
  }

  #refuse({ setBy, file }: DirectoryOverride): false {
    if (this.#full.has(setBy)) return false;
    this.#full.add(setBy);
    const message = `more than ${this.#allowances.of(setBy)} combinations with .htaccess and .user.ini files: sescle ignores the rest`;
    this.#warnings.push({
      message,
      source: { kind: 'file', file, line: 1 },
      ...(setBy === null ? {} : { hides: setBy }),
    });
    return false;
  }

  isFull(setBy: Setter): boolean {
    return this.#full.has(setBy);
  }
}

/** As `apache2 server .htaccess in /srv/www`. */
export function labelOf(base: string, name: string, directory: ByteString): string {
  return `${base} ${name} in ${printable(directory)}`;
}
