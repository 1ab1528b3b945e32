/**
 * Whether the monitor's memory or descriptors grow, while stores appear, vanish and change their
 * lifetime every few seconds, and sessions are created all the time.
 *
 * Invariant: it is watched from outside, every ten seconds, and by nothing that it has to answer; what
 * it says is asked once a minute only, to see that it works.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystem, type FileSystemName } from '../file-systems.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { Monitor } from './monitor.js';
import { type SoakSample, soakLines, trendsOf } from './soak-report.js';
import { SoakSite } from './soak-site.js';
import { problemOf, requireFileSystem } from './trial.js';
import { cpuMs, holdings } from './usage.js';

export interface SoakSettings {
  readonly minutes: number;
  /** Stores at most. */
  readonly count: number;
  /** Sessions created a second. */
  readonly rate: number;
  /** Whether a store that comes back has another name. */
  readonly fresh?: boolean;
  readonly fs: FileSystemName;
}

const sampleMs = 10_000;
const changeMs = 3_000;
const writeMs = 100;
const askMs = 60_000;
const secondsOfRoom = 60;

export function soakTrial(settings: SoakSettings): Trial {
  return { name: 'soak', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(settings: SoakSettings, surroundings: Surroundings): Promise<Outcome> {
  const { count, rate, fresh, fs } = settings;
  requireFileSystem(fs);
  const { workplace, signal } = surroundings;
  const room = rate * secondsOfRoom + count * 10;
  await using fileSystem = new FileSystem(fs, workplace, room, 200);
  await fileSystem.renew();
  const scratch = path.join(workplace, 'scratch');
  mkdirSync(scratch, { mode: 0o755 });
  const site = new SoakSite(fileSystem.mountPoint, path.join(scratch, 'sescle.toml'), {
    count,
    isFresh: fresh === true,
  });
  site.change();
  await using monitor = await Monitor.start({ argv: ['-q', '-c', site.configuration], scratch });
  await monitor.until(({ stores }) => stores.length > 0, { signal, seconds: 60 });

  const { samples, changes } = await live(monitor, site, settings, surroundings);
  const removed = await untilClean(monitor, site, signal);
  await monitor.stop();
  const trends = trendsOf(samples);
  return {
    lines: [
      `${changes} changes of configuration, ${site.written} sessions created`,
      `${site.named} stores by name, ${removed} sessions removed from those of the end`,
      '',
      ...soakLines(samples, trends),
    ],
    figures: { changes, written: site.written, trends, samples, log: monitor.log().slice(-5000) },
    problems: [
      ...problemOf('sessions are due and left', site.leftovers()),
      ...(removed === 0 ? ['nothing was removed'] : []),
      ...trends.flatMap(({ problem }) => problem ?? []),
    ],
  };
}

interface Life {
  readonly samples: readonly SoakSample[];
  readonly changes: number;
}

async function live(
  monitor: Monitor,
  site: SoakSite,
  { minutes, rate }: SoakSettings,
  { signal, progress }: Surroundings,
): Promise<Life> {
  const samples: SoakSample[] = [];
  const beganAtMs = Date.now();
  const next = { change: beganAtMs, sample: beganAtMs, ask: beganAtMs };
  let changes = 0;
  for (let now = beganAtMs; now < beganAtMs + minutes * 60_000; now = Date.now()) {
    monitor.requireRunning();
    site.write((rate * writeMs) / 1000);
    if (now >= next.change) {
      site.change();
      monitor.hangUp();
      changes++;
      next.change += changeMs;
    }
    if (now >= next.sample) {
      const seconds = (now - beganAtMs) / 1000;
      samples.push({ seconds, cpuMs: cpuMs(monitor.pid), ...holdings(monitor.pid) });
      next.sample += sampleMs;
    }
    if (now >= next.ask) {
      const { stores } = await monitor.status();
      const stranger = stores.find(({ id }) => !id.startsWith(site.root));
      if (stranger !== undefined) throw new Error(`it watches ${stranger.id}, which is not ours`);
      const { residentKiB = 0, descriptors = 0 } = samples.at(-1) ?? {};
      const held = `${residentKiB} KiB, ${descriptors} descriptors`;
      progress(`${stores.length} stores, ${changes} changes, ${held}`);
      next.ask += askMs;
    }
    await sleep(Math.max(1, now + writeMs - Date.now()), undefined, { signal });
  }
  return { samples, changes };
}

/** All that is left expires; returns how many were removed from the stores of the end. */
async function untilClean(monitor: Monitor, site: SoakSite, signal: AbortSignal): Promise<number> {
  site.settle();
  monitor.hangUp();
  const patienceMs = 60_000;
  for (const begin = Date.now(); ; await sleep(500, undefined, { signal })) {
    const { stores } = await monitor.status();
    const isClean = site.leftovers().length === 0;
    if (isClean || Date.now() - begin > patienceMs) {
      return stores.reduce((sum, store) => sum + store.removed, 0);
    }
  }
}
