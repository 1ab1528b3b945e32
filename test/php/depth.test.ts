/**
 * Stores with depth, as PHP writes them. PHP has no collector for them, but for PHP every leaf
 * directory is a flat store: collected leaf by leaf, a copy of the tree must lose the same sessions
 * as the tree does in one sweep.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { alphabetByBits, makeDepthTree } from '../support/depth-tree.js';
import { type Php, startPhp } from '../support/php.js';
import { Random } from '../support/random.js';
import { requireTool } from '../support/require-tool.js';
import { age, seconds, setTimes } from '../support/set-times.js';
import { tempDir } from '../support/temp-dir.js';
import { filesBelow } from '../support/two-stores.js';

const hasTools = [requireTool('php'), requireTool('python3')].every(Boolean);
const lifetime = 1440;

const trees = [
  { depth: 1, alphabet: alphabetByBits[6], savePathPrefix: '1;' },
  { depth: 2, alphabet: alphabetByBits[6], savePathPrefix: '2;0660;' },
  { depth: 3, alphabet: alphabetByBits[4], savePathPrefix: '3;0600;' },
] as const;

describe.skipIf(!hasTools)('a store with depth, written by PHP', () => {
  for (const { depth, alphabet, savePathPrefix } of trees) {
    it(`loses with \`${savePathPrefix}/path\` what PHP’s session_gc() removes from its leaves`, {
      timeout: 120_000,
    }, async () => {
      const random = Random.fromEnvironment();
      const php = startPhp();
      const base = tempDir();
      const original = path.join(base, 'original');
      const forPhp = path.join(base, 'php');
      const forSescle = path.join(base, 'sescle');
      mkdirSync(original);
      makeDepthTree(original, depth, alphabet);
      const ids = [
        ...[...alphabet].map((first) => first.repeat(depth + 1)),
        ...Array.from({ length: 500 }, () => random.text(alphabet, random.integer(depth + 1, 64))),
      ];
      await php.write(ids.map((id) => ({ savePath: savePathPrefix + original, id, data: { id } })));
      const now = Math.floor(Date.now() / 1000);
      setTimes(
        ids.map((id) => ({
          path: path.join(original, leafOf(id, depth), `sess_${id}`),
          mtimeNs: seconds(
            now - lifetime + random.integer(-20, 40),
            random.integer(0, 999_999_999),
          ),
        })),
      );
      for (const copy of [forPhp, forSescle]) execFileSync('cp', ['-a', original, copy]);

      const leaves = [...new Set(ids.map((id) => path.join(forPhp, leafOf(id, depth))))];
      const collectedAt = await collectLeaves(php, leaves);
      const report = await sweep(savePathPrefix + forSescle, {
        maxLifetimeSeconds: lifetime,
        clock: () => collectedAt,
      });

      const context = `SESCLE_SEED=${random.seed}`;
      expect(filesBelow(forSescle), context).toEqual(filesBelow(forPhp));
      expect(report.totals.scanned, context).toBe(new Set(ids).size);
      expect(report.totals.removed, context).toBeGreaterThan(0);
      expect(report.totals.live, context).toBeGreaterThan(0);
      expect(report.totals.foreign, context).toBe(0);
    });
  }

  it('has the file mode that `N;MODE;/path` says, and is swept all the same', async () => {
    const root = tempDir();
    makeDepthTree(root, 2, 'ab');
    const session = path.join(root, 'a/b/sess_abc');
    await startPhp().write([{ savePath: `2;0640;${root}`, id: 'abc', data: { user: 'ada' } }]);
    expect(statSync(session).mode & 0o777).toBe(0o640);
    age(lifetime + 10, session);

    const report = await sweep(`2;0640;${root}`, { maxLifetimeSeconds: lifetime });

    expect(report.totals).toMatchObject({ scanned: 1, removed: 1 });
  });

  it('loses what PHP wrote at a smaller depth, before the setting was raised', async () => {
    const root = tempDir();
    makeDepthTree(root, 2, 'ab');
    const php = startPhp();
    await php.write(
      [root, `1;${root}`, `2;${root}`].map((savePath) => ({ savePath, id: 'abc', data: {} })),
    );
    const sessions = ['sess_abc', 'a/sess_abc', 'a/b/sess_abc'];
    age(lifetime + 10, ...sessions.map((session) => path.join(root, session)));

    const report = await sweep(`2;${root}`, { maxLifetimeSeconds: lifetime });

    expect(report.totals).toMatchObject({ scanned: 3, removed: 3 });
    expect(filesBelow(root).filter((name) => name.includes('sess_'))).toEqual([]);
  });

  it('keeps a session whose name belongs into another directory: no PHP looks for it there', async () => {
    const root = tempDir();
    makeDepthTree(root, 2, 'ab');
    const misplaced = path.join(root, 'a/b/sess_bab');
    const placed = path.join(root, 'b/a/sess_bab');
    for (const file of [misplaced, placed]) {
      writeFileSync(file, '');
      age(lifetime + 10, file);
    }
    const php = startPhp();
    await php.start(`2;${root}`, 'bab', { read_and_close: true });

    const report = await sweep(`2;${root}`, { maxLifetimeSeconds: lifetime });

    expect(filesBelow(root).filter((name) => name.includes('sess_'))).toEqual(['a/b/sess_bab']);
    expect(report.totals).toMatchObject({ scanned: 1, removed: 1, foreign: 1 });
  });

  it('cannot hold a session whose ID is not longer than the depth: such a file is not PHP’s', async () => {
    const root = tempDir();
    makeDepthTree(root, 2, 'ab');
    const php = startPhp();
    await expect(php.start(`2;${root}`, 'ab')).rejects.toThrow('session_start()');
    const short = path.join(root, 'a/b/sess_ab');
    writeFileSync(short, '');
    age(lifetime + 10, short);

    const report = await sweep(`2;${root}`, { maxLifetimeSeconds: lifetime });

    expect(filesBelow(root)).toContain('a/b/sess_ab');
    expect(report.totals).toMatchObject({ scanned: 0, foreign: 1 });
  });
});

/** Where PHP puts a session, below the store's directory. */
function leafOf(id: string, depth: number): string {
  return path.join(...id.slice(0, depth));
}

/**
 * Has PHP collect leaves, and again from the first as long as a second passed meanwhile. Doing
 * it over is harmless here: in the end every leaf was collected at the second that is returned, and
 * what an earlier second collected would be collected by it too.
 */
async function collectLeaves(php: Php, leaves: readonly string[]): Promise<number> {
  for (let trial = 0; trial < 20; trial++) {
    const collections = await php.collect(
      leaves.map((leaf) => ({ savePath: leaf, maxLifetimeSeconds: lifetime })),
    );
    const seen = new Set(collections.flatMap(({ before, after }) => [before, after]));
    const [only] = seen;
    if (seen.size === 1 && only !== undefined) return only;
  }
  throw new Error('in 20 trials the second changed while PHP collected the leaves');
}
