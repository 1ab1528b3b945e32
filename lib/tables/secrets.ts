/**
 * Passwords: where the administrator keeps them, and how they are read.
 *
 * Invariant: a password is read at each connect, kept nowhere, and never part of an error. A file of
 * passwords is read only where nobody but root (or the caller) can read or change it.
 */

import { fromBytes, toBytes } from '../php/byte-string.js';
import { FileTree, Unreadable } from '../php/file-tree.js';
import { tableError } from './failure.js';

export type SecretSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly path: string }
  /** Of systemd's: LoadCredential=NAME:… */
  | { readonly kind: 'credential'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string };

const mostBytes = 4096;

/** @throws TableError ERR_TABLE_SETTINGS */
export function readSecret(source: SecretSource, environment: NodeJS.ProcessEnv): string | null {
  switch (source.kind) {
    case 'none':
      return null;
    case 'file':
      return fromFile(source.path);
    case 'credential': {
      const directory = environment['CREDENTIALS_DIRECTORY'];
      if (
        directory === undefined ||
        !/^[\w.-]+$/.test(source.name) ||
        source.name.startsWith('.')
      ) {
        throw tableError(
          'ERR_TABLE_SETTINGS',
          `there is no credential ${source.name}`,
          'add LoadCredential= to the unit (systemctl edit sescle), or use password_file',
        );
      }
      return fromFile(`${directory}/${source.name}`);
    }
    case 'environment': {
      const value = environment[source.name];
      if (value === undefined) {
        throw tableError(
          'ERR_TABLE_SETTINGS',
          `the environment has no ${source.name}`,
          'set it where sescle is started, or use password_file',
        );
      }
      return value;
    }
  }
}

/** PEM files of TLS and the like: bounded, regular. */
export function readText(path: string): string {
  const file = new FileTree('/').read(fromBytes(Buffer.from(path)), 2 ** 20);
  if (file instanceof Unreadable) throw cannotRead(path, file.reason);
  return toBytes(file.text).toString('utf8');
}

function fromFile(path: string): string {
  const tree = new FileTree('/');
  const place = tree.find(fromBytes(Buffer.from(path)));
  if (place instanceof Unreadable) throw cannotRead(path, place.reason);
  if (place.setBy !== 0 || (place.stat.mode & 0o077) !== 0) {
    throw tableError(
      'ERR_TABLE_SETTINGS',
      `${path} can be read or changed by users other than its owner`,
      `run: chmod 600 ${path}, and keep it in a directory that only root can write to`,
    );
  }
  const file = tree.read(fromBytes(Buffer.from(path)), mostBytes);
  if (file instanceof Unreadable) throw cannotRead(path, file.reason);
  return toBytes(file.text)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function cannotRead(path: string, reason: string) {
  return tableError(
    'ERR_TABLE_SETTINGS',
    `${path} cannot be read (${reason})`,
    'correct the path, or let the user that sescle runs as read it',
  );
}
