/** A directory of ext4 that once held many files, and stays as large as it was then. */
import { execFileSync } from 'node:child_process';

/**
 * @param directory is filled and emptied again, to about 5 MiB
 * @param names of 255 bytes each
 */
export function makeHuge(directory: string, names = 17_000): void {
  // Links to one file: a single inode.
  execFileSync('python3', [
    '-c',
    `import os, sys
os.chdir(sys.argv[1])
open('first', 'w').close()
names = ['sess_%0250d' % i for i in range(int(sys.argv[2]))]
for name in names: os.link('first', name)
for name in names: os.unlink(name)
os.unlink('first')`,
    directory,
    String(names),
  ]);
}

/**
 * Fills it with names until it takes no more.
 *
 * @returns why not
 */
export function linkUntilFull(directory: string): string {
  return execFileSync(
    'python3',
    [
      '-c',
      `import os, sys
os.chdir(sys.argv[1])
open('sess_first', 'w').close()
try:
  for i in range(64_000): os.link('sess_first', 'sess_%0250d' % i)
except OSError as error: print(error.strerror, end='')`,
      directory,
    ],
    { encoding: 'utf8' },
  );
}
