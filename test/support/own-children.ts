/** Processes that this one has started and that are still there, by a word of their command line. */
import { readdirSync, readFileSync } from 'node:fs';

export function ownChildren(word: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        return Number(parent) === process.pid && command.includes(word);
      } catch {
        return false; // it has ended
      }
    });
}
