/**
 * Paths among the arguments, as bytes.
 *
 * Invariant: no byte is lost, and what is wrong with a path is an error of usage.
 */
import { absolutePath as absolute, SescleError } from '../index.js';
import { rawBytes } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

/** @throws UsageError if it is empty */
export function pathArgument(option: string, value: string): Buffer {
  const bytes = rawBytes(value);
  if (bytes.length > 0) return bytes;
  throw new UsageError(`${option} '' is not valid: it is empty`, 'give a path');
}

/**
 * @returns the path itself if it is absolute, else that below the current directory
 * @throws UsageError if the current directory is gone
 */
export function absolutePath(path: Buffer): Buffer {
  try {
    return absolute(path);
  } catch (error) {
    if (!(error instanceof SescleError)) throw error;
    throw new UsageError(error.message, error.remedy ?? 'give an absolute path');
  }
}
