/**
 * Which sections are about the same scripts, so that those that stand there many times are asked about
 * once.
 *
 * Two of one subject are merged for the same scripts, if one is for the other's: what one gives the other
 * gives.
 *
 * Invariant: what nobody can tell to be the same stays apart: what depends on the request, and an
 * expression of root's, which is tried, from the same of a user's, which is not.
 */
import type { Section } from './section.js';

/** A section with those that it stands in, the outermost first. */
export interface PlacedSection {
  readonly section: Section;
  readonly parents: readonly Section[];
}

export class Subjects {
  readonly #subjects: ReadonlyMap<Section, string | undefined>;
  readonly #told = new Set<Section>();

  constructor(placed: readonly PlacedSection[]) {
    this.#subjects = new Map(placed.map((one) => [one.section, subjectOf(one)]));
  }

  /** Whether what it would give was given by another. */
  isTold(section: Section): boolean {
    return this.#told.has(section);
  }

  /** @param merged the sections that count where it does */
  tell(section: Section, merged: readonly Section[]): void {
    const subject = this.#subjects.get(section);
    if (subject === undefined) return;
    for (const other of merged) if (this.#subjects.get(other) === subject) this.#told.add(other);
  }
}

function subjectOf({ section, parents }: PlacedSection): string | undefined {
  const all = [...parents, section];
  if (all.some(({ kind }) => kind === 'if')) return undefined;
  return JSON.stringify(
    all.map(({ kind, pattern, title, isRegex, setBy }) => [
      kind,
      pattern,
      title,
      isRegex,
      isRegex && setBy === 0,
    ]),
  );
}
