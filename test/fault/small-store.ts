/**
 * A store that is small, and has one of everything: sessions that live and that have expired, one in
 * use, directories of a user and of root, a level above the sessions' own, names that are no session's,
 * a link on the way to it, and expired sessions of others beside it.
 *
 * Invariant: all but `expired` must outlive any sweep; `renew` puts back what was removed of those.
 */
import { chownSync, existsSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { longExpired, type Victims, watchOver, writeVictims } from '../attack/victims.js';
import { startProgram } from '../support/running-program.js';
import { leftOf, writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

/** Whose store it is. */
const owner = 61_003;

export interface SmallStore {
  /** With a link in it. */
  readonly path: string;
  readonly depth: number;
  /** What a sweep removes. */
  readonly expired: readonly string[];
  /** All that bears a session's name. */
  readonly candidates: number;
  readonly keepers: Victims;
  /** Those of `expired` that are still there. */
  left(): string[];
  renew(): void;
}

/** Of the running test: its session in use is so until the test ends. */
export async function makeSmallStore(): Promise<SmallStore> {
  const base = tempDir();
  const directory = join(base, 'store');
  const sessions = [
    ['z', 'old', owner],
    ['a', 'old1', owner],
    ['a', 'old2', owner],
    ['b', 'old', 0],
  ] as const;
  // Sessions above the directories of their ids are sessions too.
  const home = (character: string) => (character === 'z' ? directory : join(directory, character));
  const expired = sessions.map(([character, rest]) =>
    join(home(character), `sess_${character}${rest}`),
  );
  const renew = () => {
    for (const [index, [character, rest, uid]] of sessions.entries()) {
      if (existsSync(expired[index] ?? '')) continue;
      own(uid, writeSession(home(character), `${character}${rest}`, longExpired));
    }
  };
  for (const made of [directory, home('a')]) mkdirSync(made);
  mkdirSync(home('b'));
  own(owner, directory, home('a'));
  symlinkSync('store', join(base, 'current'));
  lchownSync(join(base, 'current'), owner, owner);
  renew();

  const live = [writeSession(directory, 'zlive'), writeSession(home('a'), 'alive')];
  const inUse = writeSession(home('a'), 'ainuse', longExpired);
  own(owner, ...live, inUse);
  const foreign = [join(directory, 'note'), join(home('a'), 'sess_strange')];
  for (const path of foreign) writeFileSync(path, 'none of yours');
  const beside = writeVictims(join(base, 'beside'), ['aold1', 'zold', 'other']);
  await holdLock(inUse);

  return {
    path: join(base, 'current'),
    depth: 1,
    expired,
    candidates: expired.length + live.length + 1,
    keepers: watchOver([...live, inUse, ...foreign, ...beside.paths]),
    left: () => leftOf(expired),
    renew,
  };
}

function own(uid: number, ...paths: readonly string[]): void {
  for (const path of paths) chownSync(path, uid, uid);
}

async function holdLock(file: string): Promise<void> {
  await startProgram(['flock', file, 'sh', '-c', 'echo held; exec cat'], /held/);
}
