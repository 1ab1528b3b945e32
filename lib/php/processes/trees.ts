/**
 * The files that are not ours in which PHP runs, each offered once.
 *
 * Invariant: a tree whose files someone other than root put together is offered only if no mount in
 * it can keep us waiting, and only so many of each user's, root's first. A tree that is not offered
 * has no path, and a warning tells whose word is lost with it.
 */
import type { ByteString } from '../byte-string.js';
import { bothSetters, type Setter, type Warning } from '../provenance.js';
import type { Candidate, Reading } from './candidate.js';
import type { ForeignTree } from './process.js';
import type { UidJudge } from './process-owner.js';
import { mayHang, type RootComparison } from './roots.js';

const maxTreesPerUser = 16;

/** A process with what it told. */
export interface Sighting {
  readonly candidate: Candidate;
  readonly reading: Reading;
  readonly master: number | null;
}

export class Trees {
  readonly offered: readonly ForeignTree[];
  readonly warnings: readonly Warning[];
  /** By the key of the root. */
  readonly #paths = new Map<string, ByteString>();
  readonly #sightings: ReadonlyMap<number, Sighting>;

  constructor(
    sightings: readonly Sighting[],
    comparison: RootComparison,
    judge: UidJudge,
    maxTrees: number,
  ) {
    const warnings: Warning[] = [];
    this.#sightings = new Map(sightings.map((sighting) => [sighting.candidate.pid, sighting]));
    const perUser = new Map<Setter, number>();
    const trees: ForeignTree[] = [];
    for (const { key, first, tree } of treesOf(sightings, comparison, judge)) {
      const count = perUser.get(tree.setBy) ?? 0;
      const problem =
        (tree.setBy !== 0 && count >= maxTreesPerUser) || trees.length >= maxTrees
          ? 'there are too many of this kind'
          : tree.setBy !== 0 && mayHang(first.candidate.files)
            ? 'its user could have mounted a file system there that never answers'
            : null;
      if (problem !== null) {
        warnings.push({
          message: `sescle did not read the files of ${tree.label}: ${problem}`,
          source: { kind: 'process', pid: tree.pid },
          hides: tree.setBy,
        });
        continue;
      }
      perUser.set(tree.setBy, count + 1);
      trees.push(tree);
      this.#paths.set(key, tree.root);
    }
    this.offered = trees;
    this.warnings = warnings;
  }

  /** @returns as PhpProcess.root */
  rootOf({ candidate, reading, master }: Sighting): ByteString | null {
    const { root } = reading;
    if (root === null) return null;
    if (root.isOurs) return '/';
    const path = this.#paths.get(root.key);
    if (path !== undefined) return path;
    // FPM's chroot: where the master may be looked into, so may its workers.
    const masters = master === null ? undefined : this.#sightings.get(master);
    const isBelow =
      masters !== undefined &&
      masters.reading.root?.mountNamespace === root.mountNamespace &&
      this.rootOf({ ...masters, master: null }) !== null;
    return isBelow ? `/proc/${candidate.pid}/root` : null;
  }
}

interface FoundTree {
  readonly key: string;
  readonly first: Sighting;
  readonly tree: ForeignTree;
}

/** Root's first. */
function treesOf(
  sightings: readonly Sighting[],
  comparison: RootComparison,
  judge: UidJudge,
): FoundTree[] {
  const roots: FoundTree[] = [];
  const others: FoundTree[] = [];
  for (const [key, group] of foreignGroups(sightings)) {
    const [first] = group;
    if (first === undefined) continue;
    const tree = treeOf(first, group, comparison, judge);
    (tree.setBy === 0 ? roots : others).push({ key, first, tree });
  }
  return [...roots, ...others];
}

/** Without workers: what FPM's pools are chrooted to is known from its configuration. */
function foreignGroups(sightings: readonly Sighting[]): Map<string, Sighting[]> {
  const groups = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    const { root } = sighting.reading;
    if (root === null || root.isOurs || sighting.master !== null) continue;
    const group = groups.get(root.key);
    if (group === undefined) groups.set(root.key, [sighting]);
    else group.push(sighting);
  }
  for (const group of groups.values()) {
    group.sort(
      ({ candidate: a }, { candidate: b }) =>
        a.stat.startTicks - b.stat.startTicks || a.pid - b.pid,
    );
  }
  return groups;
}

function treeOf(
  first: Sighting,
  group: readonly Sighting[],
  comparison: RootComparison,
  judge: UidJudge,
): ForeignTree {
  const { candidate, reading } = first;
  const arrangers = group.map(({ candidate: { files, uids } }) =>
    comparison.arrangerOf(files, uids, judge),
  );
  const label = reading.place ?? `${reading.label} (process ${candidate.pid})`;
  return {
    root: `/proc/${candidate.pid}/root`,
    pid: candidate.pid,
    startTicks: candidate.stat.startTicks,
    label,
    // Root does not run in files that someone else put together.
    setBy: arrangers.includes(0) ? 0 : arrangers.reduce(bothSetters),
  };
}
