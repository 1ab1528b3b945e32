/**
 * The clock guard, with a memory that outlives the process where it is told a place for it.
 *
 * Invariant: a memory that cannot be read or kept never stops the work; why it cannot be kept is told.
 */
import { randomUUID } from 'node:crypto';
import { fileText } from '../file-text.js';
import type { Clock } from './clock.js';
import { ClockGuard, type ClockMemory } from './clock-guard.js';
import { KeptMemory } from './kept-memory.js';

/**
 * @param stateDirectory made where it does not exist; null: nothing is kept
 * @param signal gives up what was known before
 */
export async function openClockGuard(
  clock: Clock,
  stateDirectory: string | null,
  signal?: AbortSignal,
): Promise<KeptClockGuard> {
  if (stateDirectory === null) return new KeptClockGuard(clock, null, null);
  const kept = new KeptMemory(stateDirectory);
  return new KeptClockGuard(clock, kept, await kept.read(signal));
}

export class KeptClockGuard extends ClockGuard {
  readonly #kept: KeptMemory | null;

  /** @param memory of the last run; null: there is none */
  constructor(clock: Clock, kept: KeptMemory | null, memory: ClockMemory | null) {
    super(clock, readBootId(), memory);
    this.#kept = kept;
  }

  /**
   * Keeps what is known by now for the next run.
   *
   * @param signal gives up
   * @returns why it could not be kept; null: it was
   */
  async keep(signal?: AbortSignal): Promise<string | null> {
    return this.#kept === null ? null : this.#kept.write(this.memory(), signal);
  }
}

/** @returns where it cannot be read, as in a chroot without /proc, one that is like no other */
export function readBootId(): string {
  return fileText('/proc/sys/kernel/random/boot_id').trim() || randomUUID();
}
