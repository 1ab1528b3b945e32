/**
 * A server as a process of the tests' own.
 *
 * Invariant: it has started once it says so itself, and is ended by its own process id.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const mostKept = 10_000;

export class ServerProcess {
  #child: ChildProcess | undefined;
  #listener: (text: string) => void = () => {};

  /** 0: it does not run. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Hears what it says on standard error, from the next start on. */
  onSaid(listener: (text: string) => void): void {
    this.#listener = listener;
  }

  /** @param ready what it says on standard error once it answers */
  async start(
    program: string,
    args: readonly string[],
    ready: string,
    options: Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> = {},
  ): Promise<void> {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.#listener(text);
        said = (said + text).slice(-mostKept);
        if (said.includes(ready)) resolve();
      });
      child.once('error', reject);
      child.once('close', () => reject(new Error(`${program} ended: ${said}`)));
    });
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const end = once(child, 'close');
    child.kill(signal);
    await end;
  }
}
