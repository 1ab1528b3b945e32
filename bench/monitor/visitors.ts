/**
 * PHP processes that visit a store while the monitor is at work: visitors.php says how.
 *
 * Invariant: they are PHP's own session functions, with its own collector off; and gone after dispose.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from '../execute.js';
import { project } from '../places.js';
import { Child } from './child.js';
import { type Pick, visitorUid } from './spread.js';

export interface VisitorPlan {
  readonly savePath: string;
  readonly lifetimeSeconds: number;
  /** Existing sessions, shared out among the processes. */
  readonly picks: readonly Pick[];
  /** How long before it is due a pick is touched: a random time between the two, in seconds. */
  readonly touchBeforeSeconds: readonly [number, number];
  /** How often whatever is held is touched again, at least. */
  readonly touchEverySeconds: number;
  /** Of all processes together. */
  readonly createPerSecond: number;
  /** How many of the created ones are held, 0 to 1; the others are left to expire. */
  readonly keepShare: number;
}

export interface Visits {
  /** Files that were made, those of sessions that were found empty among them. */
  readonly created: number;
  /** How often a session was touched in time. */
  readonly touched: number;
  /** Lines on sessions that were gone though they could not be due. */
  readonly lost: readonly string[];
  /** Sessions of which nothing can be told any more: visited too late, or lost. */
  readonly doubtful: ReadonlySet<string>;
  /** Sessions that must be there, and the second from which they need not. */
  readonly held: ReadonlyMap<string, number>;
}

const processes = 2;
const endPatienceMs = 20_000;
const settings = {
  'session.save_handler': 'files',
  'session.gc_probability': '0',
  'session.use_cookies': '0',
  'session.use_strict_mode': '0',
  'session.cache_limiter': '',
  display_errors: 'stderr',
};

/** Why there can be no visitors; undefined if there can. */
export function whyNoVisitors(): string | undefined {
  return findProgram('php') === undefined ? 'php (php-cli) is not installed' : undefined;
}

export class Visitors implements AsyncDisposable {
  private constructor(
    private readonly children: readonly Child[],
    private readonly outputs: readonly string[],
  ) {}

  static async start(plan: VisitorPlan, scratch: string): Promise<Visitors> {
    const children: Child[] = [];
    const outputs: string[] = [];
    // The checkout may lie where only its owner can read.
    const script = path.join(scratch, 'visitors.php');
    copyFileSync(path.join(project, 'bench/monitor/visitors.php'), script);
    for (let i = 0; i < processes; i++) {
      const file = path.join(scratch, `visitors-${i}.json`);
      const output = path.join(scratch, `visits-${i}`);
      writeFileSync(file, JSON.stringify(planOf(plan, i)), { mode: 0o644 });
      const argv = [
        findProgram('php') ?? 'php',
        ...Object.entries({ ...settings, 'session.save_path': plan.savePath }).flatMap(
          ([key, value]) => ['-d', `${key}=${value}`],
        ),
        script,
        file,
      ];
      const log = path.join(scratch, `visitors-${i}.log`);
      children.push(await Child.start(argv, { log, output, hasInput: true, uid: visitorUid }));
      outputs.push(output);
    }
    return new Visitors(children, outputs);
  }

  /** @throws Error where one of them is gone */
  requireRunning(): void {
    for (const child of this.children) child.requireRunning();
  }

  /** Has them leave, and returns what they saw. */
  async end(): Promise<Visits> {
    for (const child of this.children) child.stdin.end();
    for (const child of this.children) await child.end(endPatienceMs);
    const complaints = this.children.map((child) => child.said()).join('');
    if (complaints !== '') throw new Error(`PHP complained: ${complaints.slice(0, 1000)}`);
    return readVisits(this.outputs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.children) await child[Symbol.asyncDispose]();
  }
}

/** What visitors.php reads. */
function planOf(plan: VisitorPlan, index: number): object {
  return {
    lifetime: plan.lifetimeSeconds,
    picks: plan.picks.filter((_, i) => i % processes === index),
    touchBefore: plan.touchBeforeSeconds,
    touchEvery: plan.touchEverySeconds,
    createEvery: processes / plan.createPerSecond,
    keep: plan.keepShare,
  };
}

function readVisits(outputs: readonly string[]): Visits {
  const lost: string[] = [];
  const doubtful = new Set<string>();
  const held = new Map<string, number>();
  let created = 0;
  let touched = 0;
  for (const line of outputs.flatMap((file) => readFileSync(file, 'latin1').split('\n'))) {
    const [what, id = '', , after] = line.split(' ');
    if (what === 'new' || what === 'lost' || what === 'again') created++;
    if (what === 'touch') touched++;
    else if (what === 'lost') lost.push(line);
    else if (what === 'held') held.set(id, Number(after));
    if (what === 'late' || what === 'lost' || what === 'again') doubtful.add(id);
  }
  return { created, touched, lost, doubtful, held };
}
