/** The real addon takes what lib/native/boundary.ts says, and nothing else. */
import { chownSync, existsSync, lstatSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { NativePlace, NativeSweepRequest } from '../../../lib/native/boundary.js';
import { loadAddon } from '../../../lib/native/load.js';
import { writeSession } from '../../support/sessions.js';
import { tempDir } from '../../support/temp-dir.js';
import { placeFor, requestFor } from './request.js';

const { startCrew, sandbox } = loadAddon();

function sweepOne(request: NativeSweepRequest) {
  return startCrew([request], () => {}).results[0];
}

function requestAt(store: string, place: Partial<NativePlace>): NativeSweepRequest {
  return { ...requestFor(store), place: { ...placeFor(store), ...place } };
}

function identityOf(directory: string) {
  const { dev, ino, uid } = lstatSync(directory, { bigint: true });
  return { dev, ino, uid: Number(uid) };
}

test('the addon says what confines it', () => {
  // The engine's own tests show that it does.
  expect(['landlock', 'none']).toContain(sandbox);
});

test('crews share their functions: those of its own would stay until a full collection', async () => {
  const [one, another] = [1, 2].map(() => startCrew([requestFor(tempDir())], () => {}));
  expect(one?.cancel).toBe(another?.cancel);
  expect(Object.keys(one ?? {})).toEqual(['results']);
  await Promise.all([one, another].flatMap((crew) => crew?.results ?? []));
});

test('what neighbours in a crew have in common is read once, and nothing else of them is the same', async () => {
  const [first, second, third, last] = [tempDir(), tempDir(), tempDir(), tempDir()];
  const sessions = [first, second, third, last].map((store) => [
    writeSession(store, 'a', { ageSeconds: 5000 }),
    writeSession(store, 'ba', { ageSeconds: 5000 }),
  ]);
  const { order } = requestFor(first);
  const { shape } = placeFor(first);
  const other = { ...shape, prefix: Buffer.from('sess_b') };
  const requests = [
    { ...requestAt(first, { shape, directory: identityOf(first) }), order },
    { ...requestAt(second, { shape: other }), order },
    { ...requestAt(third, { shape }), order: { ...order, dryRun: true } },
    { ...requestAt(last, { shape }), order, shard: { index: 999, count: 1000 } },
    { ...requestAt(last, { shape: other }), order },
  ];
  await Promise.all(startCrew(requests, () => {}).results);
  expect(sessions.map((ofStore) => ofStore.map(existsSync))).toEqual([
    [false, false],
    [true, false],
    [true, true],
    [true, false],
  ]);
});

describe('the directory that was found', () => {
  test('is swept', async () => {
    const store = tempDir();
    const session = writeSession(store, 'a', { ageSeconds: 5000 });
    const request = requestAt(store, { directory: identityOf(store) });
    await expect(sweepOne(request)).resolves.toMatchObject({ complete: true });
    expect(existsSync(session)).toBe(false);
  });

  test.each(['dev', 'ino', 'uid'] as const)('is not one with another %s', async (field) => {
    const store = tempDir();
    const session = writeSession(store, 'a', { ageSeconds: 5000 });
    const own = identityOf(store);
    const directory = { ...own, [field]: field === 'uid' ? own.uid + 1 : own[field] + 1n };
    await expect(sweepOne(requestAt(store, { directory }))).rejects.toMatchObject({
      code: 'ERR_STORE_CHANGED',
      errno: 0,
      syscall: '',
      path: Buffer.from(store),
    });
    expect(existsSync(session)).toBe(true);
  });

  test.each([31n, 32n, 53n, 63n])('is compared in all 64 bits: bit %i', async (bit) => {
    const store = tempDir();
    const { dev, ino, uid } = identityOf(store);
    const session = writeSession(store, 'a', { ageSeconds: 5000 });
    for (const directory of [
      { dev, ino: ino ^ (1n << bit), uid },
      { dev: dev ^ (1n << bit), ino, uid },
    ]) {
      await expect(sweepOne(requestAt(store, { directory }))).rejects.toMatchObject({
        code: 'ERR_STORE_CHANGED',
      });
    }
    expect(existsSync(session)).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('may belong to the greatest of uids', async () => {
    const store = tempDir();
    chownSync(store, 2 ** 32 - 2, 0);
    const request = requestAt(store, { directory: identityOf(store) });
    await expect(sweepOne(request)).resolves.toMatchObject({ complete: true });
  });

  const found = { dev: 1n, ino: 1n, uid: 0 };
  test.each<[string, unknown]>([
    ['directory', undefined],
    ['directory', 7],
    ['dev', {}],
    ['dev', { ...found, dev: 1 }],
    ['dev', { ...found, dev: -1n }],
    ['ino', { ...found, ino: '1' }],
    ['ino', { ...found, ino: 2n ** 64n + 1n }],
    ['uid', { ...found, uid: 1n }],
    ['uid', { ...found, uid: -1 }],
    ['uid', { ...found, uid: 0.5 }],
  ])('is refused by the name of the field: %s of %o', (field, directory) => {
    const request = requestAt('/', { directory } as Partial<NativePlace>);
    expect(() => sweepOne(request)).toThrow(new TypeError(`invalid field: ${field}`));
  });
});
