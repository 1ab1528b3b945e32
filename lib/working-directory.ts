/**
 * The directory that relative paths begin at, as bytes.
 *
 * Invariant: no byte is lost, whether its name is UTF-8 or not; nothing is normalised, since `..`
 * behind a symbolic link is another place for the kernel than for a string.
 */
import { readlinkSync } from 'node:fs';
import { SescleError } from './errors.js';
import { escapePath } from './text/escape-path.js';

const slash = 0x2f;

export function isAbsolute(path: Buffer): boolean {
  return path[0] === slash;
}

/**
 * @returns the path itself if it is absolute, else that below the working directory
 * @throws SescleError ENOENT if that does not exist any more
 */
export function absolutePath(path: Buffer): Buffer {
  return isAbsolute(path) ? path : Buffer.concat([workingDirectory(path), Buffer.of(slash), path]);
}

function workingDirectory(path: Buffer): Buffer {
  try {
    const directory = process.cwd();
    // Node decodes the name; where that lost bytes, the kernel tells them.
    return directory.includes('\uFFFD')
      ? readlinkSync('/proc/self/cwd', { encoding: 'buffer' })
      : Buffer.from(directory);
  } catch (cause) {
    const text = escapePath(path);
    throw new SescleError(
      `${text} is relative, and the current directory does not exist any more`,
      { code: 'ENOENT', path: text, remedy: 'give an absolute path', cause },
    );
  }
}
