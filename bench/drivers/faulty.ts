/**
 * Drivers that are wrong on purpose, to see the harness notice: `--driver one-too-few,one-too-many`.
 *
 * Invariant: never run unless they are named.
 */
import { program } from '../places.js';
import type { Driver } from './driver.js';

export const faultyDrivers: readonly Driver[] = [
  faulty(
    'one-too-few',
    'removes all expired sessions but one',
    `keep=$(find "$@" -type f -mmin +"$MINUTES" -print -quit)
     find "$@" -type f -mmin +"$MINUTES" ! -path "$keep" -delete`,
  ),
  faulty(
    'one-too-many',
    'removes all expired sessions and a live one',
    `"$FLOOR" 1 $((MINUTES * 60)) "$@"
     rm -f -- "$(find "$@" -type f -print -quit)"`,
  ),
  faulty(
    'exchanger',
    'removes all expired sessions and puts a live one under another name',
    `"$FLOOR" 1 $((MINUTES * 60)) "$@"
     live=$(find "$@" -type f -print -quit)
     test -z "$live" || mv -- "$live" "$live"x`,
  ),
  faulty(
    'failing',
    'removes all and ends with status 7',
    '"$FLOOR" 1 $((MINUTES * 60)) "$@"; exit 7',
  ),
];

function faulty(name: string, about: string, text: string): Driver {
  return {
    name,
    about,
    isFaulty: true,
    missing: () => undefined,
    version: async () => 'none',
    command: ({ tree, lifetimeSeconds }) => ({
      argv: ['sh', '-c', text, 'sh', ...tree.stores],
      env: { FLOOR: program('floor'), MINUTES: String(lifetimeSeconds / 60) },
    }),
  };
}
