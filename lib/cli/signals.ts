/**
 * Ends a sweep by a signal.
 *
 * Invariant: the first signal ends it after the files in hand, the second ends the process at once;
 * outside of watchSignals() and release() the process behaves as if this file were not there.
 */
import { constants } from 'node:os';
import type { Console } from './console.js';

const usual = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies NodeJS.Signals[];

export interface SignalWatch {
  /** The first signal that came. */
  readonly caught: NodeJS.Signals | undefined;
  release(): void;
}

export interface EndWatch extends SignalWatch {
  /** Aborted by the first signal, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
}

/** For a command that ends by itself. */
export function watchEnds(console: Console): EndWatch {
  const abort = new AbortController();
  console.onReaderGone = () => abort.abort();
  const signals = watchSignals(() => abort.abort());
  return {
    signal: abort.signal,
    get caught() {
      return signals.caught;
    },
    release: signals.release,
  };
}

/**
 * @param onFirst called at the first signal, on the event loop
 * @param ending the signals that end it
 */
export function watchSignals(
  onFirst: () => void,
  ending: readonly NodeJS.Signals[] = usual,
): SignalWatch {
  let caught: NodeJS.Signals | undefined;
  const handle = (signal: NodeJS.Signals) => {
    if (caught !== undefined) process.exit(128 + constants.signals[signal]);
    caught = signal;
    onFirst();
  };
  for (const signal of ending) process.on(signal, handle);
  return {
    get caught() {
      return caught;
    },
    release() {
      for (const signal of ending) process.off(signal, handle);
    },
  };
}
