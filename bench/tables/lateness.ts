/**
 * How late rows go that come to be due: an observer of its own, not the collector, looks at the table.
 */

import { runCollect } from './purge.js';
import type { BenchServer } from './servers.js';

export interface LatenessReport {
  readonly server: string;
  readonly rowsASecond: number;
  readonly seconds: number;
  readonly live: number;
  readonly collected: number;
  /** From when a second's rows were due until the observer saw the last of them gone. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Seconds of which the observer missed rows before they were due. */
  readonly early: number;
  readonly failures: readonly string[];
}

export async function lateness(
  server: Pick<BenchServer, 'name' | 'table' | 'fillMany' | 'request'>,
  live: number,
  rowsASecond: number,
  seconds: number,
): Promise<LatenessReport> {
  const lifetimeSeconds = 3600;
  const fill = Math.floor(Date.now() / 1000) + Math.ceil(live / 20_000) + 20;
  // Long live ones, and in each second from then on so many that come to be due.
  const first = fill + 5;
  const time = `(CASE WHEN n <= ${rowsASecond * seconds} THEN ${first - lifetimeSeconds} + (n % ${seconds}) ELSE ${first} + (n % 600) END)`;
  await server.fillMany(live + rowsASecond * seconds, time);
  const watcher = await server.request();
  const { done } = runCollect({
    table: server.table,
    lifetimeSeconds,
    graceSeconds: 0,
    forMs: first * 1000 + (seconds + 5) * 1000 - Date.now(),
  });
  const goneAtMs = new Map<number, number>();
  const missed = new Set<number>();
  for (;;) {
    const beganMs = Date.now();
    const due = Math.floor(beganMs / 1000);
    if (due > first + seconds + 4) break;
    const low = first - lifetimeSeconds;
    const found = await watcher.run(
      `SELECT t, count(*) AS n FROM sessions WHERE t >= ${low} AND t < ${low + seconds} GROUP BY t`,
    );
    const seenMs = Date.now();
    const counts = new Map(found.map(({ t, n }) => [Number(t), Number(n)]));
    for (let t = low; t < low + seconds; t += 1) {
      const dueMs = (t + lifetimeSeconds + 1) * 1000;
      const left = counts.get(t) ?? 0;
      if (left < rowsASecond && seenMs < dueMs) missed.add(t);
      if (left === 0 && !goneAtMs.has(t)) goneAtMs.set(t, seenMs - dueMs);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await watcher.end();
  const report = await done;
  const late = [...goneAtMs.values()].sort((a, b) => a - b);
  return {
    server: server.name,
    rowsASecond,
    seconds: late.length,
    live,
    collected: report.removed,
    p50Ms: late[Math.floor(late.length * 0.5)] ?? Number.NaN,
    p99Ms: late[Math.min(late.length - 1, Math.floor(late.length * 0.99))] ?? Number.NaN,
    maxMs: late.at(-1) ?? Number.NaN,
    early: missed.size,
    failures: report.failures,
  };
}
