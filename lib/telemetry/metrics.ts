/**
 * The metrics, in Prometheus' text format.
 *
 * Invariant: made from one snapshot each time, in a registry of its own: a store that is gone has no
 * series, and what the snapshot does not know is no series either, never a 0. However many stores
 * there are, the monitor has its turns meanwhile.
 */
import { setImmediate } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Histogram, MonitoredStore, MonitorStatus } from '../monitor/status.js';
import { skipReasons } from '../native/boundary.js';
import { storeFault } from './health.js';
import { SnapshotHistogram } from './snapshot-histogram.js';

/** The content type of what metricsText() returns. */
export const metricsContentType: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** What the process itself has used. */
export interface ProcessUsage {
  readonly residentBytes: number;
  /** In user and in system mode, since the process began. */
  readonly cpuSeconds: number;
}

export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return {
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
  };
}

/**
 * @param usage left out where others tell of their own process under the same names, as
 *   node_exporter does: it refuses a text file that has them too
 * @param histograms of all stores together, or of each: then about 30 more series a store
 */
export async function metricsText(
  status: MonitorStatus,
  usage?: ProcessUsage,
  histograms: 'together' | 'each' = 'together',
): Promise<string> {
  const registry = new Registry();
  await addStores(registry, status);
  await addHistograms(registry, status, histograms);
  gauge(
    registry,
    'sescle_discovery_up',
    'Whether the last discovery succeeded: 0 while the previous list of stores is kept',
  ).set(status.discoveryProblem === null ? 1 : 0);
  if (status.discoveryAgeSeconds !== null) {
    gauge(
      registry,
      'sescle_discovery_age_seconds',
      'Time since all stores were found the last time',
    ).set(status.discoveryAgeSeconds);
  }
  gauge(
    registry,
    'sescle_clock_grace_seconds',
    'How much longer sessions are kept because the system clock was changed',
  ).set(status.clockGraceSeconds);
  gauge(
    registry,
    'sescle_clock_state_up',
    "Whether the clock's state can be saved for the next run",
  ).set(status.clockProblem === null ? 1 : 0);
  gauge(registry, 'sescle_build_info', 'Always 1; the version of sescle is its label', [
    'version',
  ]).set({ version: status.version }, 1);
  if (usage !== undefined) addProcess(registry, status, usage);
  return registryText(registry);
}

/** What registry.metrics() returns. It would take more than a second for 10,000 stores, at one go. */
async function registryText(registry: Registry): Promise<string> {
  const families: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    families.push(await registry.getSingleMetricAsString(name));
    await setImmediate();
  }
  return `${families.join('\n\n')}\n`;
}

/** A value of each store; null where the store has none. */
const storeGauges: readonly {
  readonly name: string;
  readonly help: string;
  readonly value: (store: MonitoredStore) => number | null;
}[] = [
  {
    name: 'sescle_store_up',
    help: 'Whether due sessions are removed: 0 if the store cannot be scanned or emptied, or is late',
    value: (store) => (storeFault(store) === null ? 1 : 0),
  },
  {
    name: 'sescle_sessions',
    help: 'Sessions in the store',
    value: ({ sessions }) => sessions,
  },
  {
    name: 'sescle_oldest_session_age_seconds',
    help: 'Time since the oldest session was last written',
    value: ({ oldestAgeSeconds }) => oldestAgeSeconds,
  },
  {
    name: 'sescle_next_expiry_timestamp_seconds',
    help: 'When the next session expires, in seconds since 1970',
    value: ({ nextExpiryAt }) => nextExpiryAt,
  },
  {
    name: 'sescle_inodes_free_ratio',
    help: 'Free inodes of the file system of the store, from 0 to 1',
    value: ({ inodesFreeRatio }) => inodesFreeRatio,
  },
  {
    name: 'sescle_database_clock_ahead_seconds',
    help: "How far the clock of the store's database is ahead of this machine's",
    value: ({ clockAheadSeconds }) => clockAheadSeconds,
  },
  {
    name: 'sescle_shard_index',
    help: "The share of the store's sessions that this monitor handles, from 0; all series of the store are of it",
    value: ({ shard }) => shard?.index ?? null,
  },
  {
    name: 'sescle_shard_count',
    help: 'How many shares the store is divided into',
    value: ({ shard }) => shard?.count ?? null,
  },
  {
    name: 'sescle_store_standby',
    help: 'Whether another sescle removes the sessions of the store, so that this one only checks',
    value: ({ leftToOthersSinceMs }) => (leftToOthersSinceMs === null ? 0 : 1),
  },
  {
    name: 'sescle_index_bytes',
    help: 'Memory used by the index of expiry times',
    value: ({ indexBytes }) => indexBytes,
  },
];

/** How many stores are added before the monitor has a turn. */
const storesAtOnce = 500;

async function addStores(registry: Registry, { stores, blocked }: MonitorStatus): Promise<void> {
  const gauges = storeGauges.map(({ name, help, value }) => {
    return { metric: gauge(registry, name, help, ['store']), value };
  });
  for (const { id } of blocked) gauges[0]?.metric.set({ store: id }, 0);
  const removed = counter(registry, 'sescle_removed_total', 'Expired sessions that were removed', [
    'store',
  ]);
  const skipped = counter(
    registry,
    'sescle_skipped_total',
    'Expired sessions, and other files with a session name, that were kept, by reason',
    ['store', 'reason'],
  );
  const errors = counter(registry, 'sescle_errors_total', 'Failed system calls, by error name', [
    'store',
    'code',
  ]);
  for (const [at, store] of stores.entries()) {
    if (at % storesAtOnce === storesAtOnce - 1) await setImmediate();
    const { id } = store;
    for (const { metric, value } of gauges) {
      const known = value(store);
      if (known !== null) metric.set({ store: id }, known);
    }
    removed.inc({ store: id }, store.removed);
    for (const reason of skipReasons) skipped.inc({ store: id, reason }, store.skipped[reason]);
    for (const [code, count] of Object.entries(store.errors))
      errors.inc({ store: id, code }, count);
  }
}

const storeHistograms: readonly {
  readonly name: string;
  readonly help: string;
  readonly value: (store: MonitoredStore) => Histogram;
}[] = [
  {
    name: 'sescle_scan_duration_seconds',
    help: 'How long scans took',
    value: ({ scanDurations }) => scanDurations,
  },
  {
    name: 'sescle_lateness_seconds',
    help: 'Time from when a session was due until it was removed',
    value: ({ lateness }) => lateness,
  },
];

async function addHistograms(
  registry: Registry,
  { stores }: MonitorStatus,
  of: 'together' | 'each',
): Promise<void> {
  for (const { name, help, value } of storeHistograms) {
    const metric = new SnapshotHistogram(name, help, registry);
    if (of === 'together') {
      const all = sumOf(stores.map(value));
      if (all !== null) metric.set(null, all);
      continue;
    }
    for (const [at, store] of stores.entries()) {
      if (at % storesAtOnce === storesAtOnce - 1) await setImmediate();
      metric.set(store.id, value(store));
    }
  }
}

/** All have the same bounds. Null: there is none. */
function sumOf([first, ...rest]: readonly Histogram[]): Histogram | null {
  if (first === undefined) return null;
  const counts = [...first.counts];
  let { sum } = first;
  for (const histogram of rest) {
    for (const [at, count] of histogram.counts.entries()) counts[at] = (counts[at] ?? 0) + count;
    sum += histogram.sum;
  }
  return { bounds: first.bounds, counts, sum };
}

function addProcess(registry: Registry, { startedAtMs }: MonitorStatus, usage: ProcessUsage): void {
  gauge(
    registry,
    'process_start_time_seconds',
    'Start time of the process, in seconds since 1970',
  ).set(startedAtMs / 1000);
  gauge(registry, 'process_resident_memory_bytes', 'Resident memory of the process').set(
    usage.residentBytes,
  );
  counter(registry, 'process_cpu_seconds_total', 'User and system CPU time of the process').inc(
    usage.cpuSeconds,
  );
}

function gauge<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: T[] = [],
): Gauge<T> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

function counter<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: T[] = [],
): Counter<T> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}
