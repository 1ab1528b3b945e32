/** libfaketime, where a program's clock is to stand still. */
import { existsSync, readdirSync } from 'node:fs';

/** The library for LD_PRELOAD; null: Debian's package faketime is not there. */
export function fakeTimeLibrary(): string | null {
  const directories = readdirSync('/usr/lib').map(
    (name) => `/usr/lib/${name}/faketime/libfaketime.so.1`,
  );
  return directories.find((file) => existsSync(file)) ?? null;
}
