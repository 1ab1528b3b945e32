/**
 * Gives the memory back that was needed once, as by the first scans of many stores.
 *
 * V8 lets garbage lie while there is room, and the room that it took at the start is twice what is needed
 * from then on: with ten thousand stores some 100 MB. Left alone it would stay for hours, since little
 * garbage is made later.
 *
 * Invariant: it takes about a millisecond for each megabyte that is in use, in which nothing else is done:
 * not to be called again and again.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function giveMemoryBack(): void {
  // The collector is reached from a context that is made with this flag.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect !== 'function') return;
  // Once finds the garbage; then what is in use moves together, and pages become free.
  collect();
  collect();
}
