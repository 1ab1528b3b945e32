/**
 * Finds the sections of a list that match a text without trying them all: most are about one path
 * or one name.
 *
 * Invariant: what is found is in the order of the list, and the same as trying each would find.
 */
import type { ByteString } from '../byte-string.js';
import { isPattern } from './fnmatch.js';
import type { Section } from './section.js';

export class SectionIndex {
  readonly #ordinals = new Map<Section, number>();
  readonly #literals = new Map<ByteString, Section[]>();
  /** Patterns and expressions, which have to be tried. */
  readonly #others: Section[] = [];

  constructor(sections: readonly Section[]) {
    for (const [ordinal, section] of sections.entries()) {
      this.#ordinals.set(section, ordinal);
      if (section.isRegex || isPattern(section.pattern)) this.#others.push(section);
      else {
        const peers = this.#literals.get(section.pattern);
        if (peers === undefined) this.#literals.set(section.pattern, [section]);
        else peers.push(section);
      }
    }
  }

  get others(): readonly Section[] {
    return this.#others;
  }

  has(section: Section): boolean {
    return this.#ordinals.has(section);
  }

  /**
   * @param literals what the patterns of those are that match and are none
   * @param more sections that are asked for whatever they say, if they are in the list
   */
  select(
    literals: Iterable<ByteString>,
    isMatched: (section: Section) => boolean,
    more: readonly Section[] = [],
  ): Section[] {
    const found = new Set<Section>();
    for (const literal of literals)
      for (const section of this.#literals.get(literal) ?? [])
        if (isMatched(section)) found.add(section);
    for (const section of this.#others) if (isMatched(section)) found.add(section);
    for (const section of more) if (this.has(section) && isMatched(section)) found.add(section);
    const ordinal = (section: Section): number => this.#ordinals.get(section) ?? 0;
    return [...found].sort((a, b) => ordinal(a) - ordinal(b));
  }
}

const indexes = new WeakMap<readonly Section[], SectionIndex>();

/** @param sections a list that does not change any more */
export function indexOf(sections: readonly Section[]): SectionIndex {
  const known = indexes.get(sections);
  if (known !== undefined) return known;
  const index = new SectionIndex(sections);
  indexes.set(sections, index);
  return index;
}
