/**
 * The sessions of one directory, counted while it is read.
 *
 * Invariant: bounded, whatever the directory holds; a file counts once, under one kind.
 */
import type { BigIntStats } from 'node:fs';
import type { ByteString } from '../../php/byte-string.js';
import type { Findings } from './findings.js';
import { Sample } from './sample.js';
import { liesInLevels, type SessionKind } from './session-kind.js';

export class Counts {
  /** Regular files that are nobody's session. */
  others = 0;
  readonly #samples = new Map<SessionKind, Sample>();
  readonly #letters: ByteString;
  /** How many levels of PHP's this directory may lie deep, by all sessions seen so far. */
  #levels: number[];

  /** @param letters the names of this directory and those above, as far as they are one character long */
  constructor(letters: ByteString) {
    this.#letters = letters;
    this.#levels = Array.from(letters, (_, at) => at + 1);
  }

  /** Counts a session. Returns whether it should be looked at. */
  add(name: ByteString, kind: SessionKind): boolean {
    if (kind === 'php') {
      this.#levels = this.#levels.filter((levels) => liesInLevels(name, this.#letters, levels));
    }
    const sample = this.#samples.get(kind) ?? new Sample();
    this.#samples.set(kind, sample);
    return sample.offer();
  }

  /** What a look at the session showed that was added last. */
  take(kind: SessionKind, { mtimeMs, size }: BigIntStats): void {
    this.#samples.get(kind)?.take(Math.floor(Number(mtimeMs) / 1000), Number(size));
  }

  /** Hands over what was counted. */
  tell(findings: Findings, directory: ByteString, isComplete: boolean): void {
    for (const [kind, sample] of this.#samples) {
      const depth = kind === 'php' ? (this.#levels.at(-1) ?? 0) : 0;
      // Each level's name is a slash and one character.
      const base = depth === 0 ? directory : directory.slice(0, -2 * depth);
      findings.add({ kind, base, depth, sample, otherFileCount: this.others, isComplete });
    }
  }
}
