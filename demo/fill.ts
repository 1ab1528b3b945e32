/**
 * Puts the planned entries on the disk.
 *
 * Invariant: every entry gets its mode and its time, or the call throws. It works in chunks, between
 * which the event loop runs, so that Ctrl-C is heard.
 */
import { execFileSync } from 'node:child_process';
import { lutimesSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry } from './population.js';
import type { Random } from './random.js';
import { randomSessionData } from './session-file.js';

const chunkSize = 500;

/**
 * @param linkTarget what the symbolic links point at
 * @param onProgress told how many entries are written
 * @returns the number of bytes written into sessions
 */
export async function fill(
  store: string,
  entries: readonly Entry[],
  linkTarget: string,
  random: Random,
  signal: AbortSignal,
  onProgress: (written: number) => void,
): Promise<number> {
  const pathOf = ({ name }: Entry): string => path.join(store, name);
  makeFifos(entries.filter(({ kind }) => kind === 'fifo').map(pathOf));
  let bytes = 0;
  for (let start = 0; start < entries.length; start += chunkSize) {
    signal.throwIfAborted();
    for (const entry of entries.slice(start, start + chunkSize)) {
      bytes += write(pathOf(entry), entry, linkTarget, random);
    }
    onProgress(Math.min(start + chunkSize, entries.length));
    await nextTurn();
  }
  return bytes;
}

function write(file: string, entry: Entry, linkTarget: string, random: Random): number {
  const { kind, mtimeSeconds } = entry;
  let bytes = 0;
  switch (kind) {
    case 'session': {
      const data = randomSessionData(random);
      writeFileSync(file, data, { mode: 0o600, flag: 'wx' });
      bytes = data.length;
      break;
    }
    case 'foreign':
      writeFileSync(file, 'No PHP session.\n', { flag: 'wx' });
      break;
    case 'link':
      symlinkSync(linkTarget, file);
      break;
    case 'directory':
      mkdirSync(file);
      break;
    case 'fifo':
      break; // Made already, all at once.
  }
  const setTime = kind === 'link' ? lutimesSync : utimesSync;
  setTime(file, mtimeSeconds, mtimeSeconds);
  return bytes;
}

/** Node cannot make them; one process makes all. */
function makeFifos(files: readonly string[]): void {
  execFileSync('mkfifo', ['--', ...files]);
}
