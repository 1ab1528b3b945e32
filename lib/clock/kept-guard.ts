/**
 * The clock guard, with a memory that outlives the process where it is told a place for it.
 *
 * Invariant: a memory that cannot be read or kept never stops the work; why it cannot be kept is told.
 */
import type { Clock } from './clock.js';
import { ClockGuard } from './clock-guard.js';
import { readBootId, readClockMemory, writeClockMemory } from './state-file.js';

export class KeptClockGuard extends ClockGuard {
  readonly #stateDirectory: string | null;

  /** @param stateDirectory made where it does not exist; null: nothing is kept */
  constructor(clock: Clock, stateDirectory: string | null) {
    super(clock, readBootId(), stateDirectory === null ? null : readClockMemory(stateDirectory));
    this.#stateDirectory = stateDirectory;
  }

  /** @returns why what is known could not be kept for the next run; null: it was */
  keep(): string | null {
    return this.#stateDirectory === null
      ? null
      : writeClockMemory(this.#stateDirectory, this.memory());
  }
}
