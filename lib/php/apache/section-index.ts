/**
 * Finds the sections of a list that match a text without trying them all: most are about one path
 * or one name, and many are equal.
 *
 * Invariant: what is found is in the order of the list, and the same as trying each would find. Equal
 * patterns and expressions are tried once.
 */
import type { ByteString } from '../byte-string.js';
import { isPattern } from './fnmatch.js';
import type { Section } from './section.js';

export class SectionIndex {
  readonly #ordinals = new Map<Section, number>();
  readonly #literals = new Map<ByteString, Section[]>();
  /** Patterns and expressions, which have to be tried: those that match the same together. */
  readonly #others = new Map<string, Section[]>();

  constructor(sections: readonly Section[]) {
    for (const [ordinal, section] of sections.entries()) {
      const { kind, pattern, isRegex, setBy } = section;
      this.#ordinals.set(section, ordinal);
      if (isRegex || isPattern(pattern))
        addTo(this.#others, JSON.stringify([kind, pattern, isRegex, setBy]), section);
      else addTo(this.#literals, pattern, section);
    }
  }

  has(section: Section): boolean {
    return this.#ordinals.has(section);
  }

  /**
   * @param literals what the patterns of those are that match and are none
   * @param matches whether what a section says matches; asked of one of those that say the same
   * @param isWanted of each that does
   * @param forced sections that are asked for whatever they say, if they are in the list
   */
  select(
    literals: Iterable<ByteString>,
    matches: (section: Section) => boolean,
    isWanted: (section: Section) => boolean,
    forced: Iterable<Section>,
  ): Section[] {
    const found = new Set<Section>();
    const addWanted = (sections: Iterable<Section>): void => {
      for (const section of sections) if (isWanted(section)) found.add(section);
    };
    for (const literal of literals)
      addWanted((this.#literals.get(literal) ?? []).filter((section) => matches(section)));
    for (const alike of this.#others.values())
      if (alike[0] !== undefined && matches(alike[0])) addWanted(alike);
    for (const section of forced) if (this.has(section)) addWanted([section]);
    const ordinal = (section: Section): number => this.#ordinals.get(section) ?? 0;
    return [...found].sort((a, b) => ordinal(a) - ordinal(b));
  }
}

function addTo(groups: Map<string, Section[]>, key: string, section: Section): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [section]);
  else group.push(section);
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
