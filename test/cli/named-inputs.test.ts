/** Whatever the user names must be there: nothing is replaced by a default, and nothing is removed. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

/** What may lie where a path leads. */
const kinds = {
  missing: () => {},
  directory: (path: string) => mkdirSync(path),
  empty: (path: string) => writeFileSync(path, ''),
  binary: (path: string) => writeFileSync(path, Buffer.from('\x7fELF\0\0\0', 'latin1')),
  fifo: (path: string) => execFileSync('mkfifo', [path]),
  socket: (path: string) =>
    execFileSync('python3', [
      '-c',
      'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])',
      path,
    ]),
  device: (path: string) => symlinkSync('/dev/null', path),
  'dangling link': (path: string) => symlinkSync('/does/not/exist', path),
  'looping link': (path: string) => symlinkSync(path, path),
  file: (path: string) => writeFileSync(path, '; a file\n'),
} satisfies Record<string, (path: string) => void>;

type Kind = keyof typeof kinds;

const allKinds = Object.keys(kinds) as Kind[];

/** The kinds that an option takes, or that it leaves to what comes after. */
const accepted: Readonly<Record<string, readonly Kind[]>> = {
  '-i': ['file'],
  '-p': [],
  '-c': ['file'],
  '--root': ['directory'],
  '--state': ['missing', 'directory', 'dangling link', 'looping link'],
};

describe.each(Object.entries(accepted))('%s', (option, taken) => {
  test.each(allKinds.filter((kind) => !taken.includes(kind)))(
    'that is %s is refused before anything is removed',
    async (kind) => {
      const directory = tempDir();
      const session = writeSession(directory, 'expired', { ageSeconds: 100_000 });
      const path = join(tempDir(), 'named');
      kinds[kind](path);
      if (kind === 'file') chmodSync(path, 0o644);
      const store = option === '--state' ? ['-l', '1h', directory] : [];
      const { status, stderr } = await runCli(['sweep', option, path, ...store]);
      expect(stderr).toMatch(/^sescle: [^\n]+; [^\n]+\n$/);
      expect(stderr).toContain(`${option} ${path}`);
      expect(status).toBe(2);
      expect(existsSync(session)).toBe(true);
    },
  );
});

test('-i that is a directory without a php.ini is refused', async () => {
  const directory = tempDir();
  const { status, stderr } = await runCli(['stores', '-i', directory]);
  expect(stderr).toContain(`-i ${directory}: holds no php.ini`);
  expect(status).toBe(2);
});

test('-p that is not in PATH is refused', async () => {
  const { status, stderr } = await runCli(['stores', '-p', 'php-of-nobody']);
  expect(stderr).toContain('-p php-of-nobody: is not in PATH');
  expect(status).toBe(2);
});

test.each(['missing', 'file', 'fifo', 'dangling link'] as const)(
  '--textfile, --search and a SAVE_PATH to watch that is %s is refused',
  async (kind) => {
    const path = join(tempDir(), 'named');
    kinds[kind](path);
    const ends = await Promise.all([
      runCli(['watch', '-l', '1h', '--textfile', path, tempDir()]),
      runCli(['stores', '--search', path]),
      runCli(['watch', '-l', '1h', path]),
      runCli(['sweep', '-n', path]),
    ]);
    for (const { status, stderr } of ends) {
      expect(stderr).toContain(path);
      expect(status).toBe(2);
    }
  },
);

test('a store that is named twice, or by a link too, is swept once', async () => {
  const store = tempDir();
  const link = join(tempDir(), 'link');
  symlinkSync(store, link);
  writeSession(store, 'live', { ageSeconds: 10 });
  const { text } = await runCli(['sweep', '-n', '-l', '1h', '--json', store, `${store}/`, link]);
  expect(JSON.parse(text)).toMatchObject({ totals: { scanned: 1 }, stores: { length: 1 } });
});

test.each([
  [['help'], /^Usage: sescle \[options\] \[command\]/, 0],
  [['help', 'sweep'], /^Usage: sescle sweep /, 0],
  [['help', 'watch'], /^Usage: sescle watch /, 0],
])('%j says what --help says', async (args, usage, expected) => {
  const { status, text } = await runCli(args);
  expect(text).toMatch(usage);
  expect(status).toBe(expected);
  const [, command] = args;
  const asked = await runCli(command === undefined ? ['--help'] : [command, '--help']);
  expect(text).toBe(asked.text);
});

test('help of no command is an error', async () => {
  const { status, text, stderr } = await runCli(['help', 'nosuch']);
  expect(stderr).toContain("unknown command 'nosuch'");
  expect(text).toBe('');
  expect(status).toBe(2);
});
