/**
 * What people are told of a directory that stays large after its files are gone.
 */
import prettyBytes from 'pretty-bytes';
import { plural } from './count.js';

/** @param directory its path is printable */
export function hugeText(directory: {
  readonly path: string;
  readonly bytes: number;
  readonly names: number;
}): string {
  const { path, bytes, names } = directory;
  const size = prettyBytes(bytes, { binary: true });
  return `${path}: the directory takes ${size} for ${plural(names, 'name')}, and every scan reads all of it; sescle doctor shows how to rebuild it without losing a session`;
}
