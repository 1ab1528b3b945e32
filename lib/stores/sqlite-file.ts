/**
 * A save path that leads to an SQLite file: PHP's old `sqlite` handler keeps its sessions so, in one table.
 *
 * Invariant: only the first bytes are read, of a regular file. A file of SQLite 2, which that handler made up
 * to PHP 5.3, is told apart: no driver of today opens it.
 */
import { readUpTo, withRegular } from '../php/bounded-read.js';
import { printable } from '../php/byte-string.js';
import type { Place } from '../php/file-tree.js';
import { Unreadable } from '../php/unreadable.js';

const ofThree = 'SQLite format 3\0';
const ofTwo = '** This file contains an SQLite 2';

/** Why it is no directory of sessions, and how it can be collected; null: it is no SQLite file. */
export function sqliteObstacle(place: Place): string | null {
  if (!place.stat.isFile()) return null;
  const head = withRegular(place, (fd) => readUpTo(fd, ofTwo.length));
  if (head instanceof Unreadable) return null;
  if (head.startsWith(ofTwo)) return 'they are in an SQLite 2 file, which only PHP itself collects';
  if (!head.startsWith(ofThree)) return null;
  return `they are in an SQLite file, which PHP collects itself; to have sescle do it, write a [[store]] with database = "sqlite:${printable(place.hostPath)}" and profile = "custom"`;
}
