/** The configuration file is obeyed only where nobody but root could have written it. */
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SescleError } from '../../../../lib/errors.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { defaultConfiguration } from '../../../../lib/stores/config/configuration.js';
import { loadConfiguration } from '../../../../lib/stores/config/load.js';
import { tempDir } from '../../../support/temp-dir.js';

const isRoot = process.geteuid?.() === 0;

/** A root directory of its own with the default file, and what that holds. */
function machine(text: string): { root: string; file: string; tree: FileTree } {
  const root = tempDir();
  const file = join(root, 'etc/sescle/sescle.toml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return { root, file, tree: new FileTree(root) };
}

function refusal(load: () => unknown): SescleError {
  try {
    load();
  } catch (error) {
    if (error instanceof SescleError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('without -c', () => {
  test('the default file is read where there is one', () => {
    const { tree } = machine('grace = 7');
    expect(loadConfiguration({ tree })).toMatchObject({
      file: '/etc/sescle/sescle.toml',
      grace: { value: 7 },
    });
  });

  test('no file is as good as an empty one', () => {
    expect(loadConfiguration({ tree: new FileTree(tempDir()) })).toEqual(defaultConfiguration);
  });

  test('a file that is there but cannot be read is an error, not a missing one', () => {
    const { root } = machine('');
    const tree = new FileTree(join(root, 'elsewhere'));
    mkdirSync(join(root, 'elsewhere/etc/sescle/sescle.toml'), { recursive: true });
    const error = refusal(() => loadConfiguration({ tree }));
    expect(error.message).toBe('/etc/sescle/sescle.toml cannot be read: not a regular file');
    expect(error.code).toBe('ERR_INVALID_CONFIGURATION');
  });
});

describe('with -c FILE', () => {
  test('that file is read, and named in errors', () => {
    const file = join(tempDir(), 'my.toml');
    writeFileSync(file, '\ngrace = x');
    expect(() => loadConfiguration({ file })).toThrow(`${file}:2: not valid TOML`);
  });

  test('a relative one is meant from the working directory', () => {
    const directory = tempDir();
    writeFileSync(join(directory, 'my.toml'), 'grace = 3');
    const file = relative(process.cwd(), join(directory, 'my.toml'));
    expect(loadConfiguration({ file }).grace.value).toBe(3);
  });

  test('one that is missing is an error', () => {
    const file = join(tempDir(), 'missing.toml');
    const error = refusal(() => loadConfiguration({ file }));
    expect(error.message).toBe(`${file} cannot be read: no such file or directory`);
    expect(error.remedy).toMatch(/-c/);
  });

  test('one that is larger than anyone writes is an error', () => {
    const file = join(tempDir(), 'large.toml');
    writeFileSync(file, '#'.repeat(2 ** 20 + 1));
    expect(() => loadConfiguration({ file })).toThrow('larger than 1 MiB');
  });
});

describe.runIf(isRoot)('a file that users other than root could have written', () => {
  test.each<[string, (file: string) => void, RegExp]>([
    ["a user's", (file) => chownSync(file, 1234, 0), /sescle\.toml belongs to uid 1234/],
    [
      'writable by all',
      (file) => chmodSync(file, 0o666),
      /sescle\.toml belongs to uid 0.*mode 0666/,
    ],
    [
      "in a user's directory",
      (file) => chownSync(dirname(file), 1234, 0),
      /not trusted: \/etc\/sescle belongs to uid 1234/,
    ],
    [
      'in a directory that a group may write to',
      (file) => {
        chownSync(dirname(dirname(file)), 0, 1234);
        chmodSync(dirname(dirname(file)), 0o775);
      },
      /not trusted: \/etc belongs to uid 0, gid 1234, with mode 0775/,
    ],
  ])('%s is not trusted, and the error says whose it is', (_, spoil, reason) => {
    const { file, tree } = machine('grace = 1');
    spoil(file);
    const error = refusal(() => loadConfiguration({ tree }));
    expect(error.message).toMatch(reason);
    expect(error.message).toMatch(/^\/etc\/sescle\/sescle\.toml is not trusted/);
    expect(error.remedy).toMatch(/chown root/);
  });

  test('is not trusted behind a link either', () => {
    const { root, file, tree } = machine('grace = 1');
    chownSync(file, 1234, 0);
    symlinkSync('/etc/sescle/sescle.toml', join(root, 'link.toml'));
    const error = refusal(() => loadConfiguration({ file: '/link.toml', tree }));
    expect(error.message).toMatch(/leads to \/etc\/sescle\/sescle\.toml, belongs to uid 1234/);
  });
});
