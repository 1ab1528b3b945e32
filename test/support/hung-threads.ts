/** Threads of this process that wait for a FUSE file system: they would keep it from ending. */
import { readdirSync, readFileSync } from 'node:fs';

export function hungThreads(): string[] {
  return readdirSync('/proc/self/task').filter((thread) => {
    try {
      return /fuse|request_wait/.test(readFileSync(`/proc/self/task/${thread}/wchan`, 'latin1'));
    } catch {
      return false; // it has ended
    }
  });
}
