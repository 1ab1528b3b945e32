/** The process in which directories of sessions are looked for where that can hang. */
import { answerOnce } from '../apart/answer-once.js';
import { printable } from '../php/byte-string.js';
import { isWithin } from '../php/paths.js';
import { type SearchResult, search } from './search/walk.js';
import type { SearchQuestion } from './search-stores.js';
import { silentMounts } from './silent-mounts.js';

const patienceMs = 2000;

answerOnce(answerTo);

async function answerTo({ directories, leftMs, limits }: SearchQuestion): Promise<SearchResult> {
  const beganMs = performance.now();
  const silent = await silentMounts(patienceMs);
  const isSilent = (path: string) => silent.some((mount) => isWithin(path, mount));
  const result = await search(
    directories.filter((path) => !isSilent(path)),
    { deadline: beganMs + leftMs, limits },
  );
  const lost = directories.filter(isSilent).map((path) => ({
    message: `${printable(path)} was not searched: its file system does not answer`,
  }));
  return { ...result, warnings: [...result.warnings, ...lost] };
}
