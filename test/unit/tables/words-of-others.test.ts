/** As whom an SQLite file or an application's settings are worked with: never as who else could have put them there. */
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readApplication } from '../../../lib/tables/app-settings.js';
import { ownedFile } from '../../../lib/tables/owned-file.js';
import { tempDir } from '../../support/temp-dir.js';

const [alice, bob] = [4711, 4712];

describe.runIf(process.geteuid?.() === 0)('an SQLite file', () => {
  function fileOf(uid: number, directoryUid = uid): string {
    const directory = tempDir();
    const path = join(directory, 'database.sqlite');
    writeFileSync(path, '');
    chownSync(path, uid, uid);
    chownSync(directory, directoryUid, directoryUid);
    return path;
  }

  test("is worked on as its owner, whose the way is too, or root's", () => {
    expect(ownedFile(fileOf(alice), 0)).toMatchObject({ uid: alice, gid: 65534 });
    expect(ownedFile(fileOf(alice, 0), 0)).toMatchObject({ uid: alice });
  });

  test.each([
    ["root's own", () => fileOf(0)],
    ["in another user's directory", () => fileOf(bob, alice)],
    [
      "behind another user's link",
      () => {
        const link = join(tempDir(), 'link');
        symlinkSync(fileOf(bob), link);
        // A link's own owner.
        return changeLink(link, alice);
      },
    ],
    [
      'with a second name in another directory',
      () => {
        const victim = fileOf(bob);
        const path = join(tempDir(), 'database.sqlite');
        linkSync(victim, path);
        chownSync(join(path, '..'), alice, alice);
        return path;
      },
    ],
    ['that is a directory', () => tempDir()],
    ['that is not there', () => join(tempDir(), 'none')],
  ])('%s is refused', (_name, path) => {
    expect(() => ownedFile(path(), 0)).toThrow(expect.objectContaining({ name: 'TableError' }));
  });
});

function changeLink(link: string, uid: number): string {
  lchownSync(link, uid, uid);
  return link;
}

describe.runIf(process.geteuid?.() === 0)("an application's settings", () => {
  function application(owner: number, envOwner: number): string {
    const directory = tempDir();
    mkdirSync(join(directory, 'bootstrap'));
    for (const name of ['artisan', 'bootstrap/app.php']) writeFileSync(join(directory, name), '');
    writeFileSync(join(directory, '.env'), 'SESSION_DRIVER=file\n', { mode: 0o600 });
    chownSync(join(directory, '.env'), envOwner, envOwner);
    chownSync(directory, owner, owner);
    return directory;
  }

  test("are root's word only where root alone could have written all of them", () => {
    expect(readApplication(application(0, 0)).setBy).toBe(0);
    expect(readApplication(application(0, alice)).setBy).toBe(alice);
    expect(readApplication(application(alice, 0)).setBy).toBe(alice);
    expect(readApplication(application(alice, bob)).setBy).toBeNull();
    const shared = application(0, 0);
    chmodSync(join(shared, '.env'), 0o666);
    expect(readApplication(shared).setBy).toBeNull();
  });
});
