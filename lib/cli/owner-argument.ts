/**
 * `USER:GROUP`, as chown(1) takes it, to numbers.
 *
 * Invariant: names are looked up in /etc/passwd and /etc/group alone, below --root in those of that
 * root: a name service that does not answer holds nobody up. Numbers always work.
 */
import { fileText } from '../file-text.js';
import { parseUid, passwdEntries } from '../php/passwd.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

export interface Owner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * @param root what /etc begins at; '' for this machine
 * @throws UsageError
 */
export function ownerArgument(option: string, given: string, root = ''): Owner {
  const colon = given.indexOf(':');
  const user = colon < 0 ? given : given.slice(0, colon);
  const group = colon < 0 ? undefined : given.slice(colon + 1);
  if (user === '' && (group === undefined || group === '')) {
    throw new UsageError(`${option} '${printableArgument(given)}' is empty`, 'write USER:GROUP');
  }
  const entry = user === '' ? undefined : lookUp(option, user, `${root}/etc/passwd`, 'user');
  return {
    uid: entry?.id,
    gid:
      group === undefined || group === ''
        ? entry?.group
        : lookUp(option, group, `${root}/etc/group`, 'group').id,
  };
}

interface Entry {
  readonly id: number;
  /** A user's own group, where it is known. */
  readonly group: number | undefined;
}

function lookUp(option: string, name: string, file: string, what: string): Entry {
  const number = parseUid(name);
  // A line of /etc/group begins as one of /etc/passwd: name, password, number.
  const line = passwdEntries(fileText(file, 'utf8')).find(
    (each) => each.name === name || (number !== undefined && each.uid === number),
  );
  const id = line === undefined ? number : line.uid;
  if (id !== undefined) return { id, group: what === 'user' ? line?.gid : undefined };
  throw new UsageError(
    `${option}: no ${what} '${printableArgument(name)}' in ${printableArgument(file)}`,
    'check the name, or give its number',
  );
}
