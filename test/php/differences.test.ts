/**
 * Where sescle differs from PHP's own collector on purpose. Each test shows both sides with the same
 * directory, so it fails when PHP changes its mind as well as when we do.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDepthTree } from '../support/depth-tree.js';
import { startPhp } from '../support/php.js';
import { requireTool } from '../support/require-tool.js';
import { age, seconds, setTimes } from '../support/set-times.js';
import { tempDir } from '../support/temp-dir.js';
import { hasTime64Dir, time64Dir } from '../support/time64-dir.js';
import { collectBoth, filesBelow, twoStores } from '../support/two-stores.js';

const hasTools = [requireTool('php'), requireTool('python3')].every(Boolean);
const lifetime = 1440;
const longExpired = 10 * lifetime;

describe.skipIf(!hasTools)('unlike PHP’s session_gc(), sescle', () => {
  it('keeps a session that a script has open (PHP removes it and its next write is lost)', async () => {
    const php = startPhp();
    const stores = twoStores(tempDir());
    for (const store of Object.values(stores)) {
      await php.write([{ savePath: store, id: 'open', data: { user: 'ada' } }]);
      await startPhp().start(store, 'open');
      age(longExpired, path.join(store, 'sess_open'));
    }

    const outcome = await collectBoth(php, stores, lifetime);

    expect(outcome.keptByPhp).toEqual([]);
    expect(outcome.keptBySescle).toEqual(['sess_open']);
    expect(outcome.report.totals.skipped.in_use).toBe(1);
  });

  it('keeps a symbolic link named as a session (PHP judges its target and removes the link)', async () => {
    const stores = twoStores(tempDir());
    const precious = path.join(tempDir(), 'precious');
    writeFileSync(precious, 'do not touch');
    age(longExpired, precious);
    for (const store of Object.values(stores)) {
      symlinkSync(precious, path.join(store, 'sess_link'));
      symlinkSync('/nonexistent', path.join(store, 'sess_dangling'));
    }

    const outcome = await collectBoth(startPhp(), stores, lifetime);

    expect(outcome.keptByPhp).toEqual(['sess_dangling']);
    expect(outcome.keptBySescle).toEqual(['sess_dangling', 'sess_link']);
    expect(outcome.report.totals.skipped.not_regular).toBe(2);
    expect(filesBelow(path.dirname(precious))).toEqual(['precious']);
  });

  it('leaves alone names that PHP cannot have made (PHP looks at the prefix only)', async () => {
    const stores = twoStores(tempDir());
    const names = ['sess_', 'sess_a\nb', 'sess_a b', 'sess_a_b', 'sess_bad.name', 'sess_ä'];
    for (const store of Object.values(stores)) {
      const files = names.map((name) => path.join(store, name));
      for (const file of files) writeFileSync(file, '');
      age(longExpired, ...files);
    }

    const outcome = await collectBoth(startPhp(), stores, lifetime);

    expect(outcome.keptByPhp).toEqual([]);
    expect(outcome.keptBySescle).toEqual(names);
    expect(outcome.report.totals).toMatchObject({ scanned: 0, foreign: names.length });
  });

  it('keeps a FIFO named as a session (PHP removes it)', async () => {
    const stores = twoStores(tempDir());
    for (const store of Object.values(stores)) {
      execFileSync('mkfifo', [path.join(store, 'sess_fifo')]);
      age(longExpired, path.join(store, 'sess_fifo'));
    }

    const outcome = await collectBoth(startPhp(), stores, lifetime);

    expect(outcome.keptByPhp).toEqual([]);
    expect(outcome.keptBySescle).toEqual(['sess_fifo']);
    expect(outcome.report.totals.skipped.not_regular).toBe(1);
  });

  it('says that a directory named as a session was kept (PHP keeps it, but counts it as removed)', async () => {
    const stores = twoStores(tempDir());
    for (const store of Object.values(stores)) {
      mkdirSync(path.join(store, 'sess_directory'));
      age(longExpired, path.join(store, 'sess_directory'));
    }

    const outcome = await collectBoth(startPhp(), stores, lifetime);

    expect(outcome.keptByPhp).toEqual(['sess_directory']);
    expect(outcome.removedByPhp).toBe(1);
    expect(outcome.keptBySescle).toEqual(['sess_directory']);
    expect(outcome.report.totals).toMatchObject({ removed: 0, skipped: { not_regular: 1 } });
  });

  it.skipIf(!hasTime64Dir())(
    'removes a session so old that its age overflows 64 bits (PHP’s subtraction wraps: it is kept forever)',
    async () => {
      const php = startPhp();
      const stores = twoStores(time64Dir() ?? tempDir());
      const smallestTime = -(2n ** 63n);
      for (const store of Object.values(stores)) {
        await php.write([{ savePath: store, id: 'ancient', data: {} }]);
        setTimes([{ path: path.join(store, 'sess_ancient'), mtimeNs: seconds(smallestTime) }]);
      }

      const outcome = await collectBoth(php, stores, lifetime);

      expect(outcome.keptByPhp).toEqual(['sess_ancient']);
      expect(outcome.keptBySescle).toEqual([]);
      expect(outcome.report.totals.removed).toBe(1);
    },
  );

  it('sweeps a store with depth (PHP does nothing and returns false)', async () => {
    const php = startPhp();
    const stores = twoStores(tempDir());
    for (const store of Object.values(stores)) {
      // `c` is for the session under which PHP collects.
      makeDepthTree(store, 1, 'ac');
      await php.write([{ savePath: `1;${store}`, id: 'abc', data: {} }]);
      age(longExpired, path.join(store, 'a/sess_abc'));
    }

    const outcome = await collectBoth(php, stores, lifetime, '1;');

    expect(outcome.removedByPhp).toBe(false);
    expect(outcome.keptByPhp).toEqual(['a', 'a/sess_abc', 'c']);
    expect(outcome.keptBySescle).toEqual(['a', 'c']);
    expect(outcome.report.totals.removed).toBe(1);
  });
});
