/**
 * The processes that work on tables: one an identity, started when it is needed and ended when it is not.
 *
 * Invariant: an SQLite file has a process to itself, since SQLite blocks the process that waits for it.
 * There are never more than `mostProcesses`: who wants one more waits for one that is idle.
 */
import type { Identity } from '../php/demotion.js';
import { TablesProcess } from './child-process.js';

const mostProcesses = 24;
const idleMs = 30_000;

interface Kept {
  readonly process: TablesProcess;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** A process that is held; give it back. */
export interface Held {
  readonly process: TablesProcess;
  readonly release: () => void;
}

export class Children {
  readonly #kept = new Map<string, Kept>();
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  /** @param file of SQLite; null: a server */
  async hold(identity: Identity, file: string | null): Promise<Held> {
    const key = `${identity.uid}:${identity.gid}:${file ?? ''}`;
    for (;;) {
      const known = this.#kept.get(key);
      if (known !== undefined && !known.process.hasEnded) return this.#use(key, known);
      this.#kept.delete(key);
      if (this.#kept.size < mostProcesses || this.#endIdle()) {
        const kept: Kept = { process: new TablesProcess(identity), users: 0, idle: undefined };
        this.#kept.set(key, kept);
        return this.#use(key, kept);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#kept.values()];
    this.#kept.clear();
    for (const { idle } of all) clearTimeout(idle);
    await Promise.all(all.map(({ process }) => process.kill()));
  }

  #use(key: string, kept: Kept): Held {
    kept.users += 1;
    clearTimeout(kept.idle);
    kept.idle = undefined;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      kept.users -= 1;
      if (kept.users > 0) return;
      this.#waiting.shift()?.();
      if (kept.process.hasEnded || this.#isClosed) return;
      kept.idle = setTimeout(() => this.#end(key, kept), idleMs);
    };
    return { process: kept.process, release };
  }

  #endIdle(): boolean {
    for (const [key, kept] of this.#kept) {
      if (kept.users > 0 && !kept.process.hasEnded) continue;
      this.#end(key, kept);
      return true;
    }
    return false;
  }

  #end(key: string, kept: Kept): void {
    clearTimeout(kept.idle);
    if (this.#kept.get(key) === kept) this.#kept.delete(key);
    kept.process.close();
  }
}
