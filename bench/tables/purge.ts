/**
 * How long it takes to remove what has expired, and what others feel of it meanwhile: sescle beside the
 * framework's one DELETE and beside pt-archiver.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { CollectOrder, CollectReport } from './collect.js';
import type { BenchServer, ServerStatement } from './servers.js';

export interface PurgeRow {
  readonly server: string;
  readonly by: string;
  readonly seconds: number;
  readonly rowsLeft: number;
  /** Of sescle's, as its process has waited for it; null: it is not known. */
  readonly longestStatementMs: number | null;
  /** Of sescle's, as the server has measured it, the longest first; null: the server does not. */
  readonly longestOnServer: readonly ServerStatement[] | null;
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

/**
 * The most memory that the processes of a tree have had, while it is looked at. What it reads, it reads on other
 * threads: the one that measures waits is here too.
 */
class PeakMemory {
  readonly #peaks = new Map<string, number>();
  readonly #root: string;
  #together = 0;
  #hasEnded = false;
  readonly #looking: Promise<void>;

  constructor(pid: number) {
    this.#root = String(pid);
    this.#looking = this.#look();
  }

  async #look(): Promise<void> {
    while (!this.#hasEnded) {
      let together = 0;
      for (const pid of await treeOf(this.#root)) {
        const peak = number(/^VmHWM:\s*(\d+)/m, await read(`/proc/${pid}/status`));
        this.#peaks.set(pid, Math.max(peak, this.#peaks.get(pid) ?? 0));
        together += number(/^Pss:\s*(\d+)/m, await read(`/proc/${pid}/smaps_rollup`));
      }
      this.#together = Math.max(this.#together, together);
      await setTimeout(250);
    }
  }

  async end(): Promise<{ peaksKiB: number[]; mostTogetherKiB: number }> {
    this.#hasEnded = true;
    await this.#looking;
    return { peaksKiB: [...this.#peaks.values()], mostTogetherKiB: this.#together };
  }
}

async function treeOf(pid: string): Promise<string[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const texts = await Promise.all(tasks.map((task) => read(`/proc/${pid}/task/${task}/children`)));
  const children = texts.flatMap((text) => text.split(' ')).filter((child) => child !== '');
  return [pid, ...(await Promise.all(children.map(treeOf))).flat()];
}

function number(pattern: RegExp, text: string): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function read(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
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
    await setTimeout(2);
  }
  await visitor.end();
  return waits.sort((a, b) => a - b);
}

/** @param by which ways, as a regular expression */
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
        const { done, pid } = runCollect({
          table: server.table,
          lifetimeSeconds,
          graceSeconds: 0,
          forMs: 0,
        });
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
    const used = await memory?.end();
    if (report !== undefined && report.failures.length > 0)
      console.error(report.failures.join('\n'));
    say({
      server: server.name,
      by: name,
      seconds,
      rowsLeft: await server.count(),
      longestStatementMs: report?.longestStatementMs ?? null,
      longestOnServer: report === undefined ? null : await server.longest(),
      visits: waits.length,
      longestWaitMs: waits.at(-1) ?? 0,
      p99WaitMs: waits[Math.floor(waits.length * 0.99)] ?? 0,
      peaksKiB: used?.peaksKiB ?? null,
      mostTogetherKiB: used?.mostTogetherKiB ?? null,
    });
  }
}
