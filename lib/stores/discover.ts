/**
 * `discoverStores()`: every place where PHP keeps sessions on this machine, found by reading what
 * PHP reads, with where each value came from. The public door to ./discover-here.ts.
 *
 * Invariant: what does the work is loaded when it is called: a sweep of named stores needs none of it.
 */
import { invalidArgument } from '../errors.js';
import type { DiscoverOptions } from './discover-options.js';
import type { Discovery } from './store.js';

/**
 * Finds the session stores of this machine.
 *
 * @returns all of them, those that sescle may not collect with the reason
 * @throws SescleError ERR_INVALID_CONFIGURATION; ERR_INVALID_ARGUMENT, also if the interpreter cannot
 *   be asked
 */
export async function discoverStores(options: DiscoverOptions = {}): Promise<Discovery> {
  const { root, php, ini, configuration } = options;
  for (const [name, path] of Object.entries({ root, php, ini, configuration })) {
    if (path !== undefined && !Buffer.isBuffer(path)) throw invalidArgument(name, 'a Buffer', path);
  }
  const { mountsThatMayHang } = await import('./silent-mounts.js');
  if (mountsThatMayHang().length > 0) return discoverApart(options);
  const { discoverHere } = await import('./discover-here.js');
  return discoverHere(options);
}

/** The same, in a process of its own, whatever is mounted: nothing that hangs there stops the caller. */
export async function discoverApart(options: DiscoverOptions = {}): Promise<Discovery> {
  const { discoverIsolated } = await import('./isolated-discovery.js');
  return discoverIsolated(options);
}
