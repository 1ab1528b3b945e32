/** What the monitor is told anew holds at once, for passes that are under way too. */
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { playedMonitor } from '../support/played-monitor.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const sessions = 2000;

/** A store whose expired sessions are removed so slowly that everything happens meanwhile. */
async function slowMonitor() {
  const directory = tempDir();
  for (let i = 0; i < sessions; i += 1) {
    writeSession(directory, `slow${i}`, { ageSeconds: 1000 });
  }
  const monitor = await playedMonitor(directory, 500, { maxRemovalsPerSecond: 50 });
  const left = () => readdirSync(directory).length;
  await until(() => left() < sessions - 10);
  return { monitor, left };
}

it('a longer lifetime keeps what has not been removed yet', async () => {
  const { monitor, left } = await slowMonitor();
  monitor.setLifetime(5000);
  await until(() => monitor.has('lifetime'));
  await pause(300);
  const kept = left();
  expect(kept).toBeGreaterThan(sessions / 2);
  await pause(500);
  expect(left()).toBe(kept);
  await until(() => monitor.status()?.sessions === kept);
});

it('a store that is none any more is left alone at once, and is taken up again', async () => {
  const { monitor, left } = await slowMonitor();
  monitor.setLifetime(null);
  await until(() => monitor.has('gone'));
  await pause(300);
  const kept = left();
  await pause(500);
  expect(left()).toBe(kept);
  monitor.setLifetime(500);
  await until(() => left() < kept);
});

it('a shorter lifetime removes what is due by it at once', async () => {
  const directory = tempDir();
  writeSession(directory, 'one', { ageSeconds: 1000 });
  const monitor = await playedMonitor(directory, 5000);
  await until(() => monitor.status()?.sessions === 1);
  monitor.setLifetime(500);
  await until(() => readdirSync(directory).length === 0);
});
