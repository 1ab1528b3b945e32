/**
 * fd, which cannot remove: it starts rm, once for many files or once for each.
 *
 * Invariant: with `-x`, a process for each file, nothing large is waited for: it is skipped visibly.
 */
import { formatCount } from '../table.js';
import { type Driver, firstLine, missingProgram } from './driver.js';

/** A process for each file: about a millisecond each. */
const mostProcesses = 2000;

export const fd = fdDriver('fd', '-X');
export const fdEach: Driver = {
  ...fdDriver('fd -x', '-x'),
  unsuitable: ({ expired }) =>
    expired > mostProcesses
      ? `starts a process for each of ${formatCount(expired)} files`
      : undefined,
};

function fdDriver(name: string, execution: '-x' | '-X'): Driver {
  return {
    name,
    about: `fdfind -u -t f -g 'sess_*' --changed-before SECONDSs DIR... ${execution} rm -f --`,
    missing: () => missingProgram('fdfind'),
    version: () => firstLine('fdfind', '--version'),
    command: ({ tree, lifetimeSeconds }) => ({
      argv: [
        'fdfind',
        '-u',
        '-t',
        'f',
        '-g',
        'sess_*',
        '--changed-before',
        `${lifetimeSeconds}s`,
        ...tree.stores,
        execution,
        'rm',
        '-f',
        '--',
      ],
    }),
  };
}
