/**
 * The collectors of real frameworks, run by PHP out of Debian's packages (see gc.php), at a moment that stands
 * still.
 *
 * Invariant: a collector that fails fails the test. The packages are unpacked, never installed: they would
 * bring web servers along.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fakeTimeLibrary } from '../../support/fake-time.js';
import { frameworkPackages, hasFrameworkPackages } from '../../support/framework-packages.js';

/** With CI=true they have to be there. */
export function hasFrameworks(): boolean {
  if (!hasFrameworkPackages()) return false;
  if (fakeTimeLibrary() !== null) return true;
  if (process.env['CI'] === 'true') throw new Error('libfaketime is not there');
  return false;
}

export class OwnCollector {
  readonly #child;
  readonly #waiting: ((answer: Record<string, unknown>) => void)[] = [];
  #ended = '';

  /** @param now seconds since 1970: all that PHP, and what it loads, sees of the time */
  constructor(now: number) {
    const clock = new Date(now * 1000).toISOString().slice(0, 19).replace('T', ' ');
    this.#child = spawn('php', [path.join(import.meta.dirname, 'gc.php'), frameworkPackages], {
      // What it warns of has nothing to do with sessions; what it throws is in its answers.
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        PATH: process.env['PATH'] ?? '',
        TZ: 'UTC',
        FAKETIME: clock,
        LD_PRELOAD: fakeTimeLibrary() ?? '',
      },
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#waiting.shift()?.(JSON.parse(line) as Record<string, unknown>),
    );
    this.#child.on('close', (status) => {
      this.#ended = `php ended with ${status}`;
      for (const settle of this.#waiting.splice(0)) settle({ problem: this.#ended });
    });
  }

  /**
   * @returns the ids of rows that the framework's reader accepted before its collector came; none where the
   *   two cannot differ
   * @throws what PHP threw
   */
  async collect(task: Readonly<Record<string, unknown>>): Promise<string[]> {
    const answer = await new Promise<Record<string, unknown>>((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin.write(`${JSON.stringify(task)}\n`);
    });
    if (answer['problem'] !== undefined) throw new Error(String(answer['problem']));
    if (answer['time'] !== task['now']) throw new Error(`PHP's clock went on: ${answer['time']}`);
    return answer['accepted'] as string[];
  }

  end(): void {
    this.#child.stdin.end();
  }
}
