/**
 * The directory in which what is known of the clock is kept, which may be one that does not answer.
 *
 * Invariant: the event loop never waits for it, and a caller for at most a few seconds. Where a mount
 * may be dead a process of its own does the work (lib/apart/); else one thread of Node's pool, and no
 * other follows one that hangs.
 */
import { inTime } from '../apart/in-time.js';
import { mountsThatMayHang } from '../stores/silent-mounts.js';
import type { ClockMemory } from './clock-guard.js';
import { answerFrom, patience, type StateAnswer, type StateQuestion } from './state-file.js';

export class KeptMemory {
  readonly #directory: string;
  /** One after the other: two that write at a time would be in each other's way. */
  #last: Promise<unknown> = Promise.resolve();
  /** What was read a moment ago, as it would be written; null: that is not known any more. */
  #asRead: string | null = null;
  #isStuck = false;

  /** @param directory made where it does not exist */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * @param signal gives up
   * @returns null also where there is none that can be used
   */
  async read(signal?: AbortSignal): Promise<ClockMemory | null> {
    const { memory } = await this.#ask(null, signal);
    this.#asRead = JSON.stringify(memory);
    return memory;
  }

  /**
   * @param signal gives up
   * @returns why it could not be written; null: it was
   */
  async write(memory: ClockMemory, signal?: AbortSignal): Promise<string | null> {
    // Most sweeps learn nothing new: what is there stays. Later writes of a monitor are made, since the file may be gone.
    const isThere = JSON.stringify(memory) === this.#asRead;
    this.#asRead = null;
    if (isThere) return null;
    return (await this.#ask(memory, signal)).problem;
  }

  #ask(memory: ClockMemory | null, signal: AbortSignal | undefined): Promise<StateAnswer> {
    const question = { directory: this.#directory, memory };
    const answer = this.#last.then(async () => {
      try {
        return await this.#answerTo(question, signal);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const problem = signal?.aborted ? 'sescle ended before its file system answered' : reason;
        return { memory: null, problem };
      }
    });
    this.#last = answer;
    return answer;
  }

  async #answerTo(question: StateQuestion, signal: AbortSignal | undefined): Promise<StateAnswer> {
    if (mountsThatMayHang().length > 0) {
      // Node takes a while to load what starts processes.
      const { stateApart } = await import('./state-apart.js');
      return stateApart.ask(question, signal);
    }
    if (this.#isStuck) throw patience.notAnswering();
    this.#isStuck = true;
    const work = answerFrom(question).finally(() => {
      this.#isStuck = false;
    });
    return inTime(work, { ...patience, signal });
  }
}
