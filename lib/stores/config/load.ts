/**
 * Finds and reads the configuration file.
 *
 * Invariant: a file that anyone but root (or the caller) could have written is not trusted, and not
 * passed over either: it may have been meant to keep sescle from a directory. Only a default file
 * that is not there is as good as an empty one.
 */
import { constants } from 'node:os';
import { SescleError } from '../../errors.js';
import { type ByteString, fromBytes, printable, toBytes } from '../../php/byte-string.js';
import { FileTree, Unreadable } from '../../php/file-tree.js';
import { tidyPath } from '../../php/paths.js';
import { systemReason } from '../../text/system-reason.js';
import { absolutePath } from '../../working-directory.js';
import {
  type Configuration,
  defaultConfiguration,
  defaultConfigurationFile,
} from './configuration.js';
import { parseConfiguration } from './parse.js';

/** A thousand times what anyone writes. */
const maxConfigurationBytes = 2 ** 20;

export interface ConfigurationPlace {
  /** The file that was asked for (-c). Default: defaultConfigurationFile. */
  readonly file?: ByteString | undefined;
  /** Default: this machine's files. */
  readonly tree?: FileTree | undefined;
}

/**
 * @throws SescleError ERR_INVALID_CONFIGURATION if the file cannot be read, is not to be trusted or
 *   is not valid
 */
export function loadConfiguration({ file, tree }: ConfigurationPlace = {}): Configuration {
  const files = tree ?? new FileTree('/');
  const path = fromBytes(absolutePath(toBytes(file ?? defaultConfigurationFile)));
  const read = files.read(path);
  if (read instanceof Unreadable) {
    if (file === undefined && read.isMissing) return defaultConfiguration;
    throw unusable(path, `cannot be read: ${inWords(read)}`, {
      remedy:
        file === undefined ? 'make it readable, or remove it' : 'give -c a file that can be read',
    });
  }
  if (read.setBy !== 0) {
    throw unusable(path, `is not trusted: ${whose(path, files)}`, {
      remedy: 'make it and its directories writable by root only (chown root, chmod go-w)',
    });
  }
  if (read.text.length > maxConfigurationBytes) {
    throw unusable(path, 'cannot be read: larger than 1 MiB', { remedy: 'make it shorter' });
  }
  return parseConfiguration(read.text, path);
}

/** Who could have written the file: the first on the way to it that is not root's alone. */
function whose(path: ByteString, tree: FileTree): string {
  const names = tidyPath(path).split('/').slice(1);
  for (let length = 0; length <= names.length; length++) {
    const part = `/${names.slice(0, length).join('/')}`;
    const place = tree.find(part);
    if (place instanceof Unreadable || place.setBy === 0) continue;
    const { uid, gid, mode } = place.stat;
    const link = place.path === part ? '' : `, which leads to ${printable(place.path)},`;
    const bits = (mode & 0o7777).toString(8).padStart(4, '0');
    return `${printable(part)}${link} belongs to uid ${uid}, gid ${gid}, with mode ${bits}`;
  }
  return 'users other than root can change it';
}

function inWords({ reason }: Unreadable): string {
  const errno = constants.errno[reason as keyof typeof constants.errno];
  return errno === undefined ? reason : systemReason(errno, reason);
}

function unusable(path: ByteString, reason: string, { remedy }: { remedy: string }): SescleError {
  return new SescleError(`${printable(path)} ${reason}`, {
    code: 'ERR_INVALID_CONFIGURATION',
    path: printable(path),
    remedy,
  });
}
