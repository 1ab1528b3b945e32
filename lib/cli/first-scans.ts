/**
 * Notices when all of many stores have been scanned for the first time, or cannot be.
 *
 * Invariant: it calls once, half a minute later at most, and never for a few stores; nobody waits for it.
 */
import type { MonitorEvent } from '../index.js';

/** With fewer nothing is felt of what their start takes. */
const leastStores = 1000;
/** For what the ends of the last scans still make. A status of ten thousand stores is kept for up to ten seconds. */
const restMs = 20_000;

export class FirstScans {
  readonly #onAll: () => void;
  readonly #scanned = new Set<string>();
  #isTold = false;
  #timer: NodeJS.Timeout | undefined;
  #stores = 0;

  constructor(onAll: () => void) {
    this.#onAll = onAll;
  }

  add(event: MonitorEvent): void {
    if (event.kind === 'discovered') this.#stores = event.stores;
    const isScanned = event.kind === 'scanned' || event.kind === 'failing';
    if (!isScanned || this.#isTold || this.#stores < leastStores) return;
    this.#scanned.add(event.store);
    if (this.#scanned.size < this.#stores) return;
    this.#isTold = true;
    this.#scanned.clear();
    this.#timer = setTimeout(this.#onAll, restMs).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
