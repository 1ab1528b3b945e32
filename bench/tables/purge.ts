/**
 * How long it takes to remove what has expired, and what others feel of it meanwhile: sescle beside the
 * framework's one DELETE and beside pt-archiver.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { CollectOrder, CollectReport } from './collect.js';
import type { BenchServer } from './servers.js';

export interface PurgeRow {
  readonly server: string;
  readonly by: string;
  readonly seconds: number;
  readonly rowsLeft: number;
  /** Of sescle's; null: it is not known. */
  readonly longestStatementMs: number | null;
  readonly visits: number;
  readonly longestWaitMs: number;
  readonly p99WaitMs: number;
  /** Of each of its processes, the most that was resident, shared pages counted in each; null: not measured. */
  readonly peaksKiB: readonly number[] | null;
  /** Of all its processes at one moment, shared pages counted once among those who share them. */
  readonly mostTogetherKiB: number | null;
}

/** Its bundle, which is told to collect by an order in its arguments. */
export function runCollect(order: CollectOrder): { done: Promise<CollectReport>; pid: number } {
  const child = spawn(
    process.execPath,
    [process.argv[1] ?? '', '--collect', JSON.stringify(order)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (some: string) => {
    text += some;
  });
  const done = once(child, 'close').then(() => JSON.parse(text) as CollectReport);
  return { done, pid: child.pid ?? 0 };
}

/** The most memory that each process of a tree has had, added up, while it is looked at. */
export class PeakMemory {
  readonly #peaks = new Map<string, number>();
  #together = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    const look = () => {
      const parents = new Map<string, string>();
      let together = 0;
      for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        const status = read(`/proc/${entry}/status`);
        parents.set(entry, /^PPid:\s*(\d+)/m.exec(status)?.[1] ?? '');
        const peak = Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0);
        if (this.#isBelow(entry, String(pid), parents)) {
          this.#peaks.set(entry, Math.max(peak, this.#peaks.get(entry) ?? 0));
          together += Number(/^Pss:\s*(\d+)/m.exec(read(`/proc/${entry}/smaps_rollup`))?.[1] ?? 0);
        }
      }
      this.#together = Math.max(this.#together, together);
    };
    look();
    this.#timer = setInterval(look, 100);
  }

  #isBelow(entry: string, root: string, parents: Map<string, string>): boolean {
    for (let at: string | undefined = entry; at !== undefined && at !== '0'; ) {
      if (at === root) return true;
      at = parents.get(at) ?? /^PPid:\s*(\d+)/m.exec(read(`/proc/${at}/status`))?.[1];
    }
    return false;
  }

  end(): { peaksKiB: number[]; mostTogetherKiB: number } {
    clearInterval(this.#timer);
    return { peaksKiB: [...this.#peaks.values()], mostTogetherKiB: this.#together };
  }
}

/** Visits rows at random until it is told to end. */
async function visitWhile(
  server: BenchServer,
  count: number,
  work: Promise<unknown>,
): Promise<number[]> {
  const visitor = await server.visitor();
  const waits: number[] = [];
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) {
    waits.push(await visitor.visit(`s${1 + Math.floor(Math.random() * count)}`));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await visitor.end();
  return waits.sort((a, b) => a - b);
}

export async function purge(
  server: BenchServer,
  count: number,
  lifetimeSeconds: number,
  say: (row: PurgeRow) => void,
  by: string,
): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  // So far back that nothing else comes to be due meanwhile.
  const cutoff = now - lifetimeSeconds;
  await server.makeTemplate(count, cutoff - 10, now);
  const archiver = server.archiver(cutoff);
  const ways: [string, () => { work: Promise<CollectReport | undefined>; pid: number | null }][] = [
    [
      'sescle',
      () => {
        const { done, pid } = runCollect({ table: server.table, lifetimeSeconds, forMs: 0 });
        return { work: done, pid };
      },
    ],
    ['one DELETE', () => ({ work: server.deleteAll(cutoff).then(() => undefined), pid: null })],
  ];
  if (archiver !== null) {
    for (const [name, more] of [
      [
        'pt-archiver --purge --limit 1000 --txn-size 1000',
        ['--limit', '1000', '--txn-size', '1000'],
      ],
      [
        'pt-archiver --purge --limit 1000 --bulk-delete --commit-each',
        ['--limit', '1000', '--bulk-delete', '--commit-each'],
      ],
    ] as const) {
      ways.push([
        name,
        () => {
          const child = spawn('pt-archiver', [...archiver, ...more], {
            stdio: ['ignore', 'ignore', 'inherit'],
          });
          return { work: once(child, 'close').then(() => undefined), pid: child.pid ?? null };
        },
      ]);
    }
  }
  for (const [name, start] of ways.filter(([each]) => new RegExp(by).test(each))) {
    await server.fill();
    const began = performance.now();
    const { work, pid } = start();
    const memory = pid === null ? null : new PeakMemory(pid);
    let seconds = 0;
    const timed = work.then((report) => {
      seconds = (performance.now() - began) / 1000;
      return report;
    });
    const waits = await visitWhile(server, count, timed);
    const report = await timed;
    const used = memory?.end();
    if (report !== undefined && report.failures.length > 0)
      console.error(report.failures.join('\n'));
    say({
      server: server.name,
      by: name,
      seconds,
      rowsLeft: await server.count(),
      longestStatementMs: report?.longestStatementMs ?? null,
      visits: waits.length,
      longestWaitMs: waits.at(-1) ?? 0,
      p99WaitMs: waits[Math.floor(waits.length * 0.99)] ?? 0,
      peaksKiB: used?.peaksKiB ?? null,
      mostTogetherKiB: used?.mostTogetherKiB ?? null,
    });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
