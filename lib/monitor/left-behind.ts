/**
 * Threads that hang in a file system that does not answer, and that nobody waits for any more.
 *
 * Invariant: a store that has none may always begin a pass. One that has some may begin another only
 * while it has few, and all stores together do not have too many.
 */

/** With the pauses in between, a store comes to so many in two days. */
const mostOfAStore = 8;
const mostInAll = 256;

/** Those of all stores of a monitor. */
export interface AllLeftBehind {
  count: number;
}

/** Those of one store. */
export class LeftBehind {
  readonly #all: AllLeftBehind;
  #count = 0;

  constructor(all: AllLeftBehind) {
    this.#all = all;
  }

  mayBegin(): boolean {
    return this.#count === 0 || (this.#count < mostOfAStore && this.#all.count < mostInAll);
  }

  /** @param whenLeft settles when the thread has come back after all */
  async add(whenLeft: Promise<void>): Promise<void> {
    this.#change(1);
    await whenLeft;
    this.#change(-1);
  }

  #change(by: number): void {
    this.#count += by;
    this.#all.count += by;
  }
}
