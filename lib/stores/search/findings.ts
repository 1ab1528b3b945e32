/**
 * What was counted in each directory, put together to what people are told.
 *
 * Invariant: the directories that PHP makes for one store's depth are one finding; sums are exact
 * unless a finding says that they are not.
 */
import { lstatSync } from 'node:fs';
import { type ByteString, toBytes } from '../../php/byte-string.js';
import type { ProfileName } from '../profiles.js';
import { adoptionLines } from './adoption.js';
import { belongingOf, type FoundApplication } from './found-application.js';
import { Sample, type SampleSummary } from './sample.js';
import type { SessionKind } from './session-kind.js';

/** A directory that is full of session-like files. */
export interface FoundDirectory extends SampleSummary {
  /** Absolute, without links. */
  readonly path: ByteString;
  /** Levels of one-character directories between it and the files. */
  readonly depth: number;
  /** What the sessions are called as. */
  readonly profile: ProfileName;
  /** The application that keeps them there, by its own files; null: none is known. */
  readonly application: FoundApplication | null;
  readonly sessionCount: number;
  /** Whether all there are have been counted. */
  readonly isCountComplete: boolean;
  /** Regular files beside them that are something else. */
  readonly otherFileCount: number;
  /** Whose directory it is; null where that cannot be told any more. */
  readonly ownerUid: number | null;
  /** What to put into the configuration file; null where the path is no UTF-8. */
  readonly configuration: string | null;
}

/** The sessions of one kind in one directory. */
export interface Tally {
  readonly kind: SessionKind;
  /** The store's directory: this one, or the one that the levels begin in. */
  readonly base: ByteString;
  readonly depth: number;
  readonly sample: Sample;
  readonly otherFileCount: number;
  readonly isComplete: boolean;
}

interface Group {
  readonly sample: Sample;
  otherFileCount: number;
  isComplete: boolean;
}

export class Findings {
  /** By kind and base, then by depth. */
  readonly #groups = new Map<string, Map<number, Group>>();

  add({ kind, base, depth, sample, otherFileCount, isComplete }: Tally): void {
    const name = `${kind}:${base}`;
    const depths = this.#groups.get(name) ?? new Map<number, Group>();
    this.#groups.set(name, depths);
    const group = depths.get(depth) ?? {
      sample: new Sample(),
      otherFileCount: 0,
      isComplete: true,
    };
    depths.set(depth, group);
    group.sample.merge(sample);
    group.otherFileCount += otherFileCount;
    group.isComplete &&= isComplete;
  }

  /** @returns those with enough sessions, the largest first */
  list(minSessions: number): FoundDirectory[] {
    return [...this.#groups]
      .flatMap(([name, depths]) => {
        const at = name.indexOf(':');
        const kind = name.slice(0, at) as SessionKind;
        return this.#found(kind, name.slice(at + 1), depths, minSessions);
      })
      .sort((a, b) => b.sessionCount - a.sessionCount || (a.path < b.path ? -1 : 1));
  }

  #found(
    kind: SessionKind,
    path: ByteString,
    depths: ReadonlyMap<number, Group>,
    minSessions: number,
  ): FoundDirectory[] {
    const deepestFirst = [...depths].sort(([a], [b]) => b - a);
    const first = deepestFirst.findIndex(([, { sample }]) => sample.count >= minSessions);
    const main = deepestFirst[first];
    if (main === undefined) return [];
    const [depth, group] = main;
    // What lies at shallower levels is the same store's, and swept with it.
    for (const [, shallower] of deepestFirst.slice(first + 1)) {
      group.sample.merge(shallower.sample);
      group.otherFileCount += shallower.otherFileCount;
      group.isComplete &&= shallower.isComplete;
    }
    const { sample, otherFileCount, isComplete } = group;
    // Files that were uploaded to a Laravel application are called the same: most of them have an
    // extension, so that sessions are those that are among themselves.
    if (kind === 'laravel' && otherFileCount * 9 > sample.count) return [];
    const { profile, application } = belongingOf(kind, path);
    return [
      {
        ...sample.summarize(),
        path,
        depth,
        profile,
        application,
        sessionCount: sample.count,
        isCountComplete: isComplete,
        otherFileCount,
        ownerUid: ownerOf(path),
        configuration: adoptionLines(path, depth, profile, application),
      },
    ];
  }
}

function ownerOf(path: ByteString): number | null {
  try {
    return lstatSync(toBytes(path)).uid;
  } catch {
    // It was there a moment ago; what was found is told all the same.
    return null;
  }
}
