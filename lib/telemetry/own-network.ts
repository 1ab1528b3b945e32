/**
 * Whether this process has a network of its own, as systemd's PrivateNetwork= gives one: what listens on
 * an address there is reached by nobody outside.
 *
 * Invariant: where that cannot be told, it is taken not to.
 */
import { readlinkSync } from 'node:fs';

/** @param proc where proc(5) is mounted */
export function hasOwnNetwork(proc = '/proc'): boolean {
  try {
    return readlinkSync(`${proc}/self/ns/net`) !== readlinkSync(`${proc}/1/ns/net`);
  } catch {
    return false;
  }
}
