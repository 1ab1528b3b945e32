/**
 * Paths among the arguments, as bytes.
 *
 * Invariant: no byte is lost, whether the path or the current directory is UTF-8 or not. Nothing is
 * normalised: `..` behind a symbolic link is another place for the kernel than for a string.
 */
import { readlinkSync } from 'node:fs';
import { rawBytes } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

const slash = 0x2f;

/** @throws UsageError if it is empty */
export function pathArgument(option: string, value: string): Buffer {
  const bytes = rawBytes(value);
  if (bytes.length > 0) return bytes;
  throw new UsageError(`${option} '' is not valid: it is empty`, 'give a path');
}

export function isAbsolute(path: Buffer): boolean {
  return path[0] === slash;
}

/**
 * @returns the path itself if it is absolute, else that below the current directory
 * @throws UsageError if the current directory is gone
 */
export function absolutePath(path: Buffer): Buffer {
  return isAbsolute(path) ? path : Buffer.concat([currentDirectory(), Buffer.of(slash), path]);
}

function currentDirectory(): Buffer {
  try {
    const directory = process.cwd();
    // Node decodes the name; where that lost bytes, the kernel tells them.
    return directory.includes('\uFFFD')
      ? readlinkSync('/proc/self/cwd', { encoding: 'buffer' })
      : Buffer.from(directory);
  } catch {
    throw new UsageError(
      'a relative path was given, and the current directory does not exist any more',
      'give an absolute path',
    );
  }
}
