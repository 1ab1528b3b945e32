/** watch() on real files: each session is removed when it is due, and no other. */
import { existsSync, mkdirSync, renameSync, utimesSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type MonitorEvent, type Watch, type WatchOptions, watch } from '../../lib/index.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const lifetime = 4;

async function watching(paths: string[], options: WatchOptions = {}): Promise<Watch> {
  const running = await watch(paths, { maxLifetimeSeconds: lifetime, ...options });
  onTestFinished(() => running.stop());
  return running;
}

const store = ({ status }: Watch) => status().stores[0];

it('removes what has expired at once, and the rest as each is due', async () => {
  const directory = tempDir();
  const old = writeSession(directory, 'old', { ageSeconds: 100 });
  const young = writeSession(directory, 'young', { ageSeconds: 2 });
  const live = writeSession(directory, 'live', { ageSeconds: -1000 });
  const running = await watching([directory]);
  await until(() => !existsSync(old));
  expect(existsSync(young)).toBe(true);
  await until(() => !existsSync(young));
  expect(existsSync(live)).toBe(true);
  await until(() => store(running)?.removed === 2);
  // What was overdue before is not told as late.
  expect(store(running)?.lateness.counts.at(-1)).toBe(1);
});

it('keeps a session that was touched meanwhile, until it is due again', async () => {
  const directory = tempDir();
  const session = writeSession(directory, 'touched', { ageSeconds: 2 });
  const running = await watching([directory]);
  await until(() => store(running)?.sessions === 1);
  const now = Date.now() / 1000 + 5;
  utimesSync(session, now, now);
  const firstDue = store(running)?.nextExpiryAt ?? 0;
  await until(() => (store(running)?.nextExpiryAt ?? 0) > firstDue);
  expect(existsSync(session)).toBe(true);
  await until(() => !existsSync(session));
});

it('tells a summary without what takes a walk over all sessions', async () => {
  const directory = tempDir();
  writeSession(directory, 'live', { ageSeconds: -1000 });
  const running = await watching([directory]);
  await until(() => store(running)?.sessions === 1);
  const [summary] = running.summary().stores;
  expect(summary).toMatchObject({ sessions: 1, ages: [], expiriesByMinute: [] });
  expect(summary?.indexBytes).toBe(store(running)?.indexBytes);
  expect(store(running)?.ages).not.toEqual([]);
});

it('counts each store as its status does, as it is when it is asked', async () => {
  const [first, second] = [tempDir(), tempDir()];
  writeSession(first, 'old', { ageSeconds: 100 });
  writeSession(second, 'live', { ageSeconds: -1000 });
  const running = await watching([first, second]);
  const { stores, dryRun } = running.counts();
  await until(() => running.status().stores.every(({ sessions }) => sessions !== null));
  await until(() => store(running)?.removed === 1);
  const counted = [
    { id: first, sessions: 0, removed: 1, wouldRemove: 0 },
    { id: second, sessions: 1, removed: 0, wouldRemove: 0 },
  ];
  expect(dryRun).toBe(false);
  expect([...stores]).toEqual(counted);
  expect(running.status().stores).toMatchObject(counted);
});

it('finds sessions that were created after its scan in the directories of a nested store', async () => {
  const directory = tempDir();
  mkdirSync(`${directory}/a/b`, { recursive: true });
  const running = await watching([`2;${directory}`]);
  await until(() => store(running)?.sessions === 0);
  const session = writeSession(`${directory}/a/b`, 'abc', { ageSeconds: 0 });
  await until(() => !existsSync(session));
  // It is counted a moment after it has gone.
  await until(() => store(running)?.removed === 1);
});

it('removes nothing in a dry run', async () => {
  const directory = tempDir();
  const session = writeSession(directory, 'old', { ageSeconds: 100 });
  const running = await watching([directory], { dryRun: true });
  await until(() => (store(running)?.wouldRemove ?? 0) > 0);
  expect(existsSync(session)).toBe(true);
  expect(store(running)?.removed).toBe(0);
});

it('says which store cannot be scanned, and goes on when it can be again', async () => {
  const directory = tempDir();
  const other = tempDir();
  const events: MonitorEvent[] = [];
  renameSync(directory, `${directory}-away`);
  const running = await watching([directory, other], { onEvent: (event) => events.push(event) });
  await until(() => store(running)?.state === 'failing');
  expect(store(running)?.problem).toMatch(/does not exist/);
  const elsewhere = writeSession(other, 'old', { ageSeconds: 100 });
  await until(() => !existsSync(elsewhere));
  renameSync(`${directory}-away`, directory);
  const session = writeSession(directory, 'old', { ageSeconds: 100 });
  await until(() => !existsSync(session));
  expect(events.filter(({ kind }) => kind === 'failing')).toHaveLength(1);
  await until(() => events.some(({ kind }) => kind === 'recovered'));
});

it('notices within seconds that a directory is gone, and that another lies in its place', async () => {
  const directory = tempDir();
  const events: MonitorEvent[] = [];
  const running = await watching([directory], {
    maxLifetimeSeconds: 86_400,
    onEvent: (event) => events.push(event),
  });
  await until(() => store(running)?.sessions === 0);
  renameSync(directory, `${directory}-away`);
  await until(() => store(running)?.state === 'failing');
  expect(store(running)?.problem).toMatch(/does not exist/);
  mkdirSync(directory);
  const session = writeSession(directory, 'old', { ageSeconds: 100_000 });
  await until(() => !existsSync(session));
  await until(() => events.some(({ kind }) => kind === 'recovered'));
  renameSync(directory, `${directory}-too`);
  mkdirSync(directory);
  const another = writeSession(directory, 'old', { ageSeconds: 100_000 });
  await until(() => !existsSync(another));
  expect(events.some(({ kind }) => kind === 'replaced')).toBe(true);
}, 30_000);

it('ends when its signal says so, and removes nothing after that', async () => {
  const directory = tempDir();
  const session = writeSession(directory, 'young', { ageSeconds: 1 });
  const controller = new AbortController();
  const running = await watching([directory], { signal: controller.signal });
  await until(() => store(running)?.sessions === 1);
  controller.abort();
  await running.ended;
  await pause((lifetime + 1) * 1000);
  expect(existsSync(session)).toBe(true);
});

it('refuses what cannot be meant before it watches anything', async () => {
  await expect(watch(['/x'])).rejects.toMatchObject({ code: 'ERR_LIFETIME_UNKNOWN' });
  await expect(watch(['2;'], { maxLifetimeSeconds: 5 })).rejects.toMatchObject({
    code: 'ERR_INVALID_SAVE_PATH',
  });
  await expect(watch([tempDir()], { maxLifetimeSeconds: 5, indexLimit: 1 })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
  });
});
