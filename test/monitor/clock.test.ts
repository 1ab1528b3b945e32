/** The system's clock is set while the monitor runs. */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { playedMonitor } from '../support/played-monitor.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const lifetime = 4;
const daySeconds = 86_400;

async function scannedMonitor() {
  const monitor = await playedMonitor(tempDir(), lifetime);
  await until(() => monitor.scans() > 0);
  return monitor;
}

it('forward by a day: what was live goes when it would have gone, what is written since too', async () => {
  const monitor = await scannedMonitor();
  const before = monitor.write('before');
  const beganMs = performance.now();
  monitor.setClock(daySeconds);
  await until(() => monitor.has('clock-set'));
  const scans = monitor.scans();
  await until(() => monitor.scans() > scans);
  expect(existsSync(before)).toBe(true);
  const since = monitor.write('since');
  await until(() => !existsSync(before));
  expect(performance.now() - beganMs).toBeGreaterThan(lifetime * 1000 - 50);
  await until(() => !existsSync(since));
});

it('back by a day: what is written since goes when it is due', async () => {
  const monitor = await scannedMonitor();
  const before = monitor.write('before');
  monitor.setClock(-daySeconds);
  await until(() => monitor.has('clock-set'));
  const since = monitor.write('since');
  await until(() => !existsSync(since));
  expect(existsSync(before)).toBe(true);
});

it('forward, with sessions that were written to a wrong clock: they go when they are due by the right one', async () => {
  const monitor = await scannedMonitor();
  monitor.setClock(-daySeconds);
  await until(() => monitor.has('clock-set'));
  const early = monitor.write('early');
  monitor.setClock(daySeconds);
  await until(() => !existsSync(early));
});
