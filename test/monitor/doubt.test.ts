/** A store whose lifetime is in doubt while the monitor runs. */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { playedMonitor } from '../support/played-monitor.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const doubt = { uids: null, reasons: ['/etc/x.conf: too large'], remedy: 'make it smaller' };

it('is scanned and counted, told, and collected at once when the doubt is settled', async () => {
  const directory = tempDir();
  const monitor = await playedMonitor(directory, 1440);
  await until(() => monitor.scans() > 0);
  const past = writeSession(directory, 'past', { ageSeconds: 5000 });
  monitor.setDoubt(doubt);
  await until(() => monitor.has('uncertain'));
  await until(() => (monitor.status()?.skipped.uncertain ?? 0) > 0);
  await until(() => monitor.status()?.state === 'waiting');
  expect(monitor.status()).toMatchObject({ doubt, removed: 0, state: 'waiting', problem: null });
  expect(existsSync(past)).toBe(true);
  monitor.setDoubt(null);
  await until(() => !existsSync(past));
  // It is counted a moment after it has gone.
  await until(() => monitor.status()?.removed === 1);
  expect(monitor.status()?.doubt).toBeNull();
});
