/**
 * `USER:GROUP`, as chown(1) takes it, to numbers.
 *
 * Invariant: names are looked up in /etc/passwd and /etc/group alone, below --root in those of that
 * root: a name service that does not answer holds nobody up. Numbers always work.
 */
import { readFileSync } from 'node:fs';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

export interface Owner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** 2^32 - 1 is no id: to the kernel it means "leave it as it is". */
const maxId = 2 ** 32 - 2;

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
  const fields = linesOf(file).map((line) => line.split(':'));
  const isNumber = /^[0-9]+$/.test(name);
  const line = fields.find(([own = '', , id]) => own === name || (isNumber && id === name));
  const id = Number(line?.[2] ?? name);
  if ((line !== undefined || isNumber) && id <= maxId) {
    const group = what === 'user' && line?.[3] !== undefined ? Number(line[3]) : undefined;
    return { id, group };
  }
  throw new UsageError(
    `${option}: no ${what} '${printableArgument(name)}' in ${printableArgument(file)}`,
    'check the name, or give its number',
  );
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    // Numbers work all the same, and a name is then refused.
    return [];
  }
}
