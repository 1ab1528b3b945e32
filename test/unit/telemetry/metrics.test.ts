/** The metrics are what Prometheus accepts, say what the snapshot says, and nothing that it does not know. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { register } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { MonitorStatus } from '../../../lib/monitor/status.js';
import { metricsText, processUsage } from '../../../lib/telemetry/metrics.js';
import { requireTool } from '../../support/require-tool.js';
import {
  histogram,
  hostileId,
  monitorStatus,
  newStore,
  storeStatus,
} from '../../telemetry/statuses.js';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly type: string;
  readonly samples: readonly Sample[];
}

/** Reads the text format as strictly as its description is written. */
function parse(text: string): Map<string, Family> {
  expect(text.endsWith('\n')).toBe(true);
  const families = new Map<string, { type: string; samples: Sample[] }>();
  let current = '';
  let helped = '';
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const help = /^# HELP (\S+) \S.*$/.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (help) helped = help[1] ?? '';
    else if (type) {
      current = type[1] ?? '';
      expect(helped).toBe(current);
      expect(families.has(current)).toBe(false);
      families.set(current, { type: type[2] ?? '', samples: [] });
    } else {
      const sample = parseSample(line);
      const suffix = families.get(current)?.type === 'histogram' ? '(_bucket|_sum|_count)' : '';
      expect(sample.name).toMatch(new RegExp(`^${current}${suffix}$`));
      families.get(current)?.samples.push(sample);
    }
  }
  for (const { samples } of families.values()) {
    const series = samples.map(({ name, labels }) => JSON.stringify([name, labels]));
    expect(new Set(series).size).toBe(series.length);
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name, inner, value] =
    /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\[\\n"])*",?)*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels = [...(inner ?? '').matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label, text]) => [
      label,
      (text ?? '').replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    ],
  );
  expect(Number(value)).not.toBeNaN();
  return { name, labels: Object.fromEntries(labels), value: Number(value) };
}

async function samplesOf(status: MonitorStatus, family: string): Promise<readonly Sample[]> {
  return parse(await metricsText(status, usage)).get(family)?.samples ?? [];
}

const usage = { residentBytes: 12_345_678, cpuSeconds: 1.5 };
const id = '/var/lib/php/sessions';

describe('metricsText', () => {
  it('tells every metric of the design, with its type', async () => {
    const families = parse(await metricsText(monitorStatus(), usage));
    expect(Object.fromEntries([...families].map(([name, { type }]) => [name, type]))).toEqual({
      process_cpu_seconds_total: 'counter',
      process_resident_memory_bytes: 'gauge',
      process_start_time_seconds: 'gauge',
      sescle_build_info: 'gauge',
      sescle_clock_grace_seconds: 'gauge',
      sescle_clock_state_up: 'gauge',
      sescle_database_clock_ahead_seconds: 'gauge',
      sescle_store_standby: 'gauge',
      sescle_discovery_age_seconds: 'gauge',
      sescle_discovery_up: 'gauge',
      sescle_errors_total: 'counter',
      sescle_index_bytes: 'gauge',
      sescle_shard_index: 'gauge',
      sescle_shard_count: 'gauge',
      sescle_inodes_free_ratio: 'gauge',
      sescle_lateness_seconds: 'histogram',
      sescle_next_expiry_timestamp_seconds: 'gauge',
      sescle_oldest_session_age_seconds: 'gauge',
      sescle_removed_total: 'counter',
      sescle_sessions: 'gauge',
      sescle_skipped_total: 'counter',
      sescle_store_up: 'gauge',
      sescle_scan_duration_seconds: 'histogram',
    });
  });

  it('tells none that docs/output.md does not name', async () => {
    const documented = readFileSync(new URL('../../../docs/output.md', import.meta.url), 'utf8');
    const names = [...parse(await metricsText(monitorStatus(), usage)).keys()];
    expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  });

  it.each([
    ['sescle_sessions', { store: id }, 1_234_567],
    ['sescle_removed_total', { store: id }, 98_765],
    ['sescle_skipped_total', { store: id, reason: 'in_use' }, 3],
    ['sescle_skipped_total', { store: id, reason: 'failed' }, 0],
    ['sescle_errors_total', { store: id, code: 'EACCES' }, 7],
    ['sescle_oldest_session_age_seconds', { store: id }, 1439],
    ['sescle_next_expiry_timestamp_seconds', { store: id }, Date.UTC(2026, 0, 2, 3, 4, 17) / 1000],
    ['sescle_inodes_free_ratio', { store: id }, 0.8125],
    ['sescle_index_bytes', { store: id }, 59_259_216],
    ['sescle_store_up', { store: id }, 1],
    ['sescle_build_info', { version: '1.2.3' }, 1],
    ['process_start_time_seconds', {}, Date.UTC(2026, 0, 2, 2, 4, 5) / 1000],
    ['process_resident_memory_bytes', {}, 12_345_678],
    ['process_cpu_seconds_total', {}, 1.5],
  ])('tells %s %j', async (name, labels, value) => {
    const status = monitorStatus([storeStatus({ errors: { EACCES: 7 } })]);
    expect(await samplesOf(status, name)).toContainEqual({ name, labels, value });
  });

  it('sums up the histograms of all stores, unless those of each are wanted', async () => {
    const lateness = { ...histogram([0.5, 1], [5, 2, 1]), sum: 4.25 };
    const stores = ['/a', '/b', '/c'].map((id) => storeStatus({ id, lateness }));
    const name = 'sescle_lateness_seconds';
    expect(await samplesOf(monitorStatus(stores), name)).toEqual([
      { name: `${name}_bucket`, labels: { le: '0.5' }, value: 15 },
      { name: `${name}_bucket`, labels: { le: '1' }, value: 21 },
      { name: `${name}_bucket`, labels: { le: '+Inf' }, value: 24 },
      { name: `${name}_sum`, labels: {}, value: 12.75 },
      { name: `${name}_count`, labels: {}, value: 24 },
    ]);
  });

  it('tells histograms with cumulative buckets, to the last', async () => {
    const lateness = { ...histogram([0.5, 1], [5, 2, 1]), sum: 4.25 };
    const name = 'sescle_lateness_seconds';
    const text = await metricsText(monitorStatus([storeStatus({ lateness })]), usage, 'each');
    const samples = parse(text).get(name)?.samples;
    expect(samples).toEqual([
      { name: `${name}_bucket`, labels: { store: id, le: '0.5' }, value: 5 },
      { name: `${name}_bucket`, labels: { store: id, le: '1' }, value: 7 },
      { name: `${name}_bucket`, labels: { store: id, le: '+Inf' }, value: 8 },
      { name: `${name}_sum`, labels: { store: id }, value: 4.25 },
      { name: `${name}_count`, labels: { store: id }, value: 8 },
    ]);
  });

  it.each([
    'sescle_sessions',
    'sescle_oldest_session_age_seconds',
    'sescle_next_expiry_timestamp_seconds',
    'sescle_inodes_free_ratio',
    'sescle_errors_total',
  ])('has no series of %s for a store of which it is not known', async (name) => {
    const samples = await samplesOf(
      monitorStatus([newStore({ id: '/new' }), storeStatus({ errors: { EIO: 1 } })]),
      name,
    );
    expect(samples.map(({ labels }) => labels['store'])).toEqual([id]);
  });

  it.each([
    ['failing', { state: 'failing', problem: 'gone' } as const],
    ['overdue', { isOverdue: true }],
  ])('tells of a store that is %s that it is not up', async (_, given) => {
    const [sample] = await samplesOf(monitorStatus([storeStatus(given)]), 'sescle_store_up');
    expect(sample?.value).toBe(0);
  });

  it('forgets a store that is gone', async () => {
    await metricsText(monitorStatus([storeStatus({ id: '/gone' }), storeStatus()]));
    expect(await metricsText(monitorStatus())).not.toContain('/gone');
  });

  it('keeps a hostile id in its label', async () => {
    const ids = [hostileId, '\\', '"', 'a,reason:in_use', '__proto__', '{le="1"} 2'];
    const status = monitorStatus(
      ids.map((id) => storeStatus({ id, errors: { EIO: 1, ENOENT: 2 } })),
    );
    for (const { samples } of parse(await metricsText(status, undefined, 'each')).values()) {
      if (samples.every(({ labels }) => labels['store'] === undefined)) continue;
      expect(new Set(samples.map(({ labels }) => labels['store']))).toEqual(new Set(ids));
    }
  });

  it('gives the monitor its turns while it tells of many stores', async () => {
    const status = monitorStatus(
      Array.from({ length: 2_000 }, (_, at) => storeStatus({ id: `/store/${at}` })),
    );
    let isDone = false;
    const text = metricsText(status).finally(() => {
      isDone = true;
    });
    let turns = 0;
    for (; !isDone; turns += 1) await new Promise(setImmediate);
    expect(turns).toBeGreaterThan(10);
    expect(parse(await text).get('sescle_sessions')?.samples).toHaveLength(2_000);
  });

  it('has no metrics of the process where it was not told of it', async () => {
    expect(await metricsText(monitorStatus())).not.toContain('process_');
  });

  it('leaves nothing in the registry that all of the process share', async () => {
    await metricsText(monitorStatus(), usage);
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  it.skipIf(!requireTool('promtool'))('passes promtool without a warning', async () => {
    for (const stores of [[], [newStore()], [storeStatus({ errors: { EIO: 1 } })], manyStores()]) {
      for (const histograms of ['together', 'each'] as const) {
        const input = await metricsText(monitorStatus(stores), usage, histograms);
        const output = execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
        expect(output).toBe('');
      }
    }
  });
});

function manyStores() {
  return [hostileId, '\\', '"', 'é日🙂', ' '].map((id) => storeStatus({ id }));
}

describe('processUsage', () => {
  it('is of this process', () => {
    const { residentBytes, cpuSeconds } = processUsage();
    expect(residentBytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(cpuSeconds).toBeGreaterThan(0);
    expect(cpuSeconds).toBeLessThan(3600);
  });
});
