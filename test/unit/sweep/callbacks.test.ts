/** sweep() and its caller's callbacks, around an acted addon. */
import { describe, expect, test, vi } from 'vitest';
import { SescleError } from '../../../lib/errors.js';
import type { SweepProgress } from '../../../lib/sweep/report.js';
import { sweepWith } from '../../../lib/sweep/sweep.js';
import { actedAddon, countersOf, resultOf } from '../../support/acted-addon.js';

const lifetime = { maxLifetimeSeconds: 1440 };

describe('callbacks', () => {
  test('are told each listed candidate with its bytes', async () => {
    const told: [string, string][] = [];
    const { addon } = actedAddon(async ({ list }) => {
      await Promise.resolve();
      list('removed', '/a/sess_1');
      list('live', '/a/sess_2');
      return resultOf({ removed: 1, live: 1 });
    });
    await sweepWith(() => addon, '/a', {
      ...lifetime,
      listVerdicts: ['removed', 'live'],
      onVerdict: (verdict, path) => told.push([verdict, path.toString()]),
    });
    expect(told).toEqual([
      ['removed', '/a/sess_1'],
      ['live', '/a/sess_2'],
    ]);
  });

  test('that throw a SescleError make no store unusable', async () => {
    const failure = new SescleError('from the caller', { code: 'ERR_OTHER' });
    const { addon } = actedAddon(async ({ list }) => {
      await Promise.resolve();
      list('removed', '/a/sess_1');
      return resultOf({ removed: 1 });
    });
    const onVerdict = () => {
      throw failure;
    };
    await expect(
      sweepWith(() => addon, ['/a'], { ...lifetime, listVerdicts: ['removed'], onVerdict }),
    ).rejects.toBe(failure);
  });

  test('that return promises are waited for, one after the other', async () => {
    const events: string[] = [];
    const { addon } = actedAddon(async ({ list }) => {
      list('removed', '/a/sess_1');
      list('removed', '/a/sess_2');
      return resultOf({ removed: 2 });
    });
    await sweepWith(() => addon, '/a', {
      ...lifetime,
      listVerdicts: ['removed'],
      onVerdict: async (_, path) => {
        events.push(`begin ${path}`);
        await new Promise(setImmediate);
        events.push(`end ${path}`);
      },
    });
    expect(events).toEqual([
      'begin /a/sess_1',
      'end /a/sess_1',
      'begin /a/sess_2',
      'end /a/sess_2',
    ]);
  });

  test('that throw end the sweep, and the promise rejects once the job has ended', async () => {
    const failure = new Error('from the caller');
    let hasEnded = false;
    const { addon, requests } = actedAddon(async ({ list, cancelled }) => {
      await Promise.resolve();
      list('removed', '/a/sess_1');
      list('removed', '/a/sess_2');
      await cancelled;
      hasEnded = true;
      return resultOf({ removed: 2 }, { complete: false });
    });
    const onVerdict = vi.fn(() => {
      throw failure;
    });
    const sweep = sweepWith(() => addon, ['/a', '/b', '/c'], {
      ...lifetime,
      threads: 2,
      listVerdicts: ['removed'],
      onVerdict,
    });
    await expect(sweep).rejects.toBe(failure);
    expect(hasEnded).toBe(true);
    expect(onVerdict).toHaveBeenCalledTimes(1);
    expect(requests.map(({ place }) => `${place.path}`)).toEqual(['/a', '/b']);
  });

  test('see progress over all stores, the last of it being the totals', async () => {
    vi.useFakeTimers();
    try {
      const seen: SweepProgress[] = [];
      const finish = new Map<string, () => void>();
      const { addon } = actedAddon(async ({ request, setProgress }) => {
        setProgress(countersOf({ removed: 2 }));
        await new Promise<void>((resolve) => finish.set(`${request.place.path}`, resolve));
        return resultOf({ removed: 5 });
      });
      const onProgress = (progress: SweepProgress) => seen.push(progress);
      const sweep = sweepWith(() => addon, ['/a', '/b'], { ...lifetime, threads: 2, onProgress });
      await vi.advanceTimersByTimeAsync(100);
      finish.get('/b')?.();
      await vi.advanceTimersByTimeAsync(100);
      finish.get('/a')?.();
      await sweep;
      expect(
        seen.map(({ removed, storesDone, storeCount }) => [removed, storesDone, storeCount]),
      ).toEqual([
        [4, 0, 2],
        [7, 1, 2],
        [10, 2, 2],
      ]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('for progress that throw end the sweep too', async () => {
    const { addon } = actedAddon(async ({ cancelled }) => {
      await cancelled;
      return resultOf({}, { complete: false });
    });
    const sweep = sweepWith(() => addon, '/a', {
      ...lifetime,
      onProgress: () => {
        throw new Error('from the caller');
      },
    });
    await expect(sweep).rejects.toThrow('from the caller');
  });
});
