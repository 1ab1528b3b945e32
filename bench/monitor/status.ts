/**
 * The monitor's own account of itself: /api/status over its Unix socket.
 *
 * Invariant: only what is used here is declared; lib/monitor/status.ts says what each value means.
 */
import { request } from 'node:http';

export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface StoreStatus {
  readonly id: string;
  readonly state: 'new' | 'waiting' | 'scanning' | 'removing' | 'failing';
  readonly problem: string | null;
  readonly sessions: number | null;
  readonly indexBytes: number;
  readonly removed: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly scans: number;
  readonly lastScanAtMs: number | null;
  readonly lastScanDurationMs: number | null;
  readonly nextScanAtMs: number | null;
  readonly lateness: Histogram;
  readonly maxLatenessSeconds: number | null;
  readonly nextExpiryAt: number | null;
  readonly leftToOthersSinceMs: number | null;
}

export interface Status {
  readonly version: string;
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly stores: readonly StoreStatus[];
}

/** A monitor with ten thousand stores may be busy with them for a while. */
const patienceMs = 120_000;

/** @throws Error where nobody listens there yet (`code` ENOENT, ECONNREFUSED), or the answer is none */
export function requestStatus(socketPath: string): Promise<Status> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/api/status', timeout: patienceMs }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text) as Status);
        else reject(new Error(`/api/status: ${answer.statusCode}: ${text}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('/api/status: no answer')));
    asked.on('error', reject);
    asked.end();
  });
}

/**
 * The rule of Prometheus' histogram_quantile(): linear within a bucket.
 *
 * @param rank from 0 to 1
 * @returns seconds; null where nothing was observed
 */
export function histogramQuantile({ bounds, counts }: Histogram, rank: number): number | null {
  const total = counts.at(-1) ?? 0;
  if (total === 0) return null;
  const at = counts.findIndex((count) => count >= rank * total);
  const upper = bounds[at];
  if (upper === undefined) return bounds.at(-1) ?? null;
  const lower = at === 0 ? 0 : (bounds[at - 1] ?? 0);
  const below = at === 0 ? 0 : (counts[at - 1] ?? 0);
  const inside = (counts[at] ?? 0) - below;
  return inside === 0 ? upper : lower + ((upper - lower) * (rank * total - below)) / inside;
}
