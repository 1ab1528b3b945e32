/**
 * How long a Laravel application's sessions live, by its own .env.
 *
 * Invariant: the file is read, never run; only a plain whole number counts.
 */
import { printable } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';

export interface ExplainedLifetime {
  readonly seconds: number;
  /** As `/srv/shop/.env:12`. */
  readonly source: string;
}

const inApplication = '/storage/framework/sessions';
/** Laravel multiplies by itself; more than a year was mistyped. */
const mostMinutes = 366 * 24 * 60;

/** @param directory absolute, inside the tree, without links */
export function laravelLifetime(directory: string, tree: FileTree): ExplainedLifetime | null {
  if (!directory.endsWith(inApplication)) return null;
  const file = `${directory.slice(0, -inApplication.length)}/.env`;
  const found = tree.read(file);
  if (found instanceof Unreadable) return null;
  const lines = found.text.split('\n');
  // The first counts: phpdotenv does not overwrite.
  const at = lines.findIndex((line) => /^\s*(?:export\s+)?SESSION_LIFETIME\s*=/.test(line));
  const [, digits] = /=\s*["']?([0-9]{1,7})["']?\s*(?:#.*)?$/.exec((lines[at] ?? '').trim()) ?? [];
  const minutes = Number(digits);
  if (digits === undefined || minutes < 1 || minutes > mostMinutes) return null;
  return { seconds: minutes * 60, source: `${printable(file)}:${at + 1}` };
}
