/**
 * Looks at the directories of many stores before anything is done in any of them.
 *
 * Invariant: nothing is touched. A directory whose file system does not answer is no mistake, and keeps
 * no other one from being looked at: the stores behind it go to another thread.
 */
import type { NativeAddon, NativeLooks } from '../native/boundary.js';
import { rootError } from './failure-text.js';
import type { FilesStore } from './files-store.js';

export interface LookOptions {
  /** Threads that look. */
  readonly lanes: number;
  /** Ends it with what is known by then. */
  readonly signal: AbortSignal;
}

/** Of one native call; what is behind a directory that hangs waits for so long at least. */
const mostPlaces = 2048;
const lookMs = 100;
const looksUntilStuck = 3;

/** @returns why stores cannot be opened; those that can be, or do not answer, are missing */
export async function findUnusable(
  addon: NativeAddon,
  stores: readonly FilesStore[],
  { lanes, signal }: LookOptions,
): Promise<Map<FilesStore, unknown>> {
  const found = new Map<FilesStore, unknown>();
  const share = Math.min(mostPlaces, Math.ceil(stores.length / lanes));
  const waiting: (readonly FilesStore[])[] = [];
  for (let at = 0; at < stores.length; at += share) waiting.push(stores.slice(at, at + share));
  const lookAtNext = async (): Promise<void> => {
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      if (signal.aborted) return;
      const looked = chunk;
      const { done, wrong } = await looksAt(addon, looked, signal);
      for (const { index, error } of wrong) {
        const store = looked[index];
        if (store !== undefined) found.set(store, rootError(error, store.placed.onThisMachine));
      }
      // The one behind those that are done is the one that hangs.
      const rest = looked.slice(done + 1);
      if (rest.length > 0) waiting.unshift(rest);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lookAtNext));
  return found;
}

/** @returns what it has found once it has ended, hangs or is told to end */
function looksAt(
  addon: NativeAddon,
  stores: readonly FilesStore[],
  signal: AbortSignal,
): Promise<NativeLooks> {
  const task = addon.lookAtStores(stores.map(({ placed }) => placed.place));
  return new Promise((resolve) => {
    let last = -1;
    let looksStill = 0;
    const leave = () => {
      task.cancel();
      end(task.progress());
    };
    const timer = setInterval(() => {
      const { done } = task.progress();
      looksStill = done === last ? looksStill + 1 : 0;
      last = done;
      if (looksStill >= looksUntilStuck) leave();
    }, lookMs);
    const end = (looks: NativeLooks) => {
      clearInterval(timer);
      signal.removeEventListener('abort', leave);
      resolve(looks);
    };
    signal.addEventListener('abort', leave, { once: true });
    // Without memory, or a thread, nothing is known of them: the passes will say so.
    task.result.then(end, () => end({ done: stores.length, wrong: [] }));
  });
}
