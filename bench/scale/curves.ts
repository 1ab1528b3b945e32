/**
 * How long a sweep takes, and how much processor time, as stores grow, as there are more of them, and as more
 * hosts share one (`--shard`).
 *
 * Each tree is filled once with sessions that are expired by a day's lifetime. A sweep that is told a lifetime of ten
 * years only looks; then one with the real lifetime removes. Times are of the whole process, Node's start in it.
 *
 * Invariant: how many files a sweep has left is counted, and any but what it had to leave is a problem.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sescleDriver } from '../drivers/sescle.js';
import { FileSystem, type FileSystemName } from '../file-systems.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { type Measurement, measure } from '../measure.js';
import { requireFileSystem } from '../monitor/trial.js';
import { formatCount, formatSeconds, formatTable } from '../table.js';
import { countTree, fillTree, lifetimeSeconds, type Tree } from '../tree.js';

export interface CurveSettings {
  /** Files of one flat directory. */
  readonly sizes: readonly number[];
  /** Stores that share `files`. */
  readonly stores: readonly number[];
  /** Hosts that share one store of `files`, in one directory and in PHP's depth 2. */
  readonly shards: readonly number[];
  readonly files: number;
  readonly bytes: number;
  readonly fs: FileSystemName;
}

interface Row {
  readonly what: string;
  readonly files: number;
  readonly look: Cost;
  readonly remove: Cost | null;
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const tenYears = 10 * 365 * 86_400;
const timeLimitSeconds = 3600;

export function curvesTrial(settings: CurveSettings): Trial {
  return { name: 'curves', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(settings: CurveSettings, surroundings: Surroundings): Promise<Outcome> {
  const { sizes, stores, shards, files, fs, bytes } = settings;
  requireFileSystem(fs);
  const { workplace, signal, progress } = surroundings;
  const scratch = path.join(workplace, 'scratch');
  mkdirSync(scratch);
  const most = Math.max(...sizes, files);
  await using fileSystem = new FileSystem(fs, workplace, most + 20_000, bytes);
  const rows: Row[] = [];
  const problems: string[] = [];
  const sweep = async (tree: Tree, lifetime: number, options: readonly string[] = []) => {
    const command = await sescleDriver(options).command({
      tree,
      lifetimeSeconds: lifetime,
      scratch,
    });
    const measured = await measure(command, { scratch, timeLimitSeconds, signal });
    if (measured.problem !== undefined) problems.push(measured.problem);
    return costOf(measured);
  };
  const withTree = async (
    what: string,
    shape: { readonly files: number; readonly directories: number; readonly depth: number },
    work: (tree: Tree) => Promise<void>,
  ) => {
    progress(`filling ${what}`);
    await fileSystem.renew();
    const root = path.join(fileSystem.mountPoint, 'sessions');
    const { directories, depth } = shape;
    const tree = await fillTree(
      root,
      { live: 0, expired: shape.files, depth, directories },
      { bytes, signal },
    );
    await work(tree);
    const { expired } = await countTree(root, tree.mtimeCutoff, { signal });
    if (expired > 0) problems.push(`${what}: ${expired} are left`);
    rmSync(root, { recursive: true, force: true });
  };
  const whole = (what: string, count: number) => async (tree: Tree) => {
    const look = await sweep(tree, tenYears);
    const remove = await sweep(tree, lifetimeSeconds);
    rows.push({ what, files: count, look, remove });
  };

  for (const size of sizes) {
    const what = `${formatCount(size)} files in one directory`;
    await withTree(what, { files: size, directories: 0, depth: 0 }, whole(what, size));
  }
  for (const count of stores) {
    const what = `${formatCount(files)} files in ${formatCount(count)} stores`;
    await withTree(what, { files, directories: count, depth: 0 }, whole(what, files));
  }
  for (const depth of shards.length > 0 ? [0, 2] : []) {
    await withTree(`depth ${depth}, for shards`, { files, directories: 0, depth }, async (tree) => {
      for (const hosts of shards) {
        const costs: Cost[] = [];
        for (let host = 0; host < hosts; host += 1) {
          costs.push(await sweep(tree, tenYears, ['--shard', `${host}/${hosts}`]));
        }
        const what = `${hosts} shards of ${formatCount(files)}, depth ${depth}: the slowest; all`;
        const wallMs = Math.max(...costs.map((cost) => cost.wallMs));
        const cpuMs = costs.reduce((sum, cost) => sum + cost.cpuMs, 0);
        rows.push({ what, files, look: { wallMs, cpuMs }, remove: null });
      }
      await sweep(tree, lifetimeSeconds);
    });
  }
  return { lines: linesOf(rows), figures: { rows }, problems };
}

function costOf({ wallMs, userMs, systemMs }: Measurement): Cost {
  return { wallMs, cpuMs: userMs + systemMs };
}

function linesOf(rows: readonly Row[]): string[] {
  const times = (of: (row: Row) => Cost | null, field: keyof Cost) => (row: Row) => {
    const cost = of(row);
    return cost === null ? '' : formatSeconds(cost[field]);
  };
  const each = (of: (row: Row) => Cost | null) => (row: Row) => {
    const cost = of(row);
    return cost === null ? '' : `${((cost.wallMs * 1000) / row.files).toFixed(1)} µs`;
  };
  const look = ({ look: cost }: Row) => cost;
  const remove = ({ remove: cost }: Row) => cost;
  return formatTable(
    [
      { heading: 'what', cell: ({ what }) => what, isText: true },
      { heading: 'look', cell: times(look, 'wallMs') },
      { heading: 'a file', cell: each(look) },
      { heading: 'processor', cell: times(look, 'cpuMs') },
      { heading: 'remove', cell: times(remove, 'wallMs') },
      { heading: 'a file', cell: each(remove) },
      { heading: 'processor', cell: times(remove, 'cpuMs') },
    ],
    rows,
  );
}
