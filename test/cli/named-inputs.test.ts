/** Whatever the user names must be there: nothing is replaced by a default, and nothing is removed. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quote, runCli, runShell } from '../support/cli.js';
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

const isRoot = process.getuid?.() === 0;

/** As a user who may read nothing but what everybody may. */
function runAsNobody(args: readonly string[]) {
  return runShell(
    `setpriv --reuid=65534 --regid=65534 --clear-groups "\${sescle[@]}" ${args.map(quote).join(' ')}`,
  );
}

describe.runIf(isRoot)('what this user may not read', () => {
  /** A store of nobody's with an expired session, and a place that is root's. */
  function ground() {
    const [store, base] = [tempDir(), tempDir()];
    chownSync(store, 65_534, 65_534);
    const session = writeSession(store, 'expired', { ageSeconds: 100_000 });
    chownSync(session, 65_534, 65_534);
    chmodSync(base, 0o755);
    return { store, session, path: join(base, 'named') };
  }

  test.each<[string, string, Kind, readonly string[]]>([
    ['-i', 'file', 'file', ['sweep']],
    ['-i', 'directory', 'directory', ['sweep']],
    ['-c', 'file', 'file', ['sweep']],
    ['-p', 'interpreter', 'binary', ['sweep']],
    ['--root', 'directory', 'directory', ['sweep']],
    ['--search', 'directory', 'directory', ['stores']],
    ['--textfile', 'directory', 'directory', ['watch', '-l', '1h']],
  ])(
    '%s that is a closed %s is refused before anything is removed',
    async (option, _, kind, args) => {
      const { store, session, path } = ground();
      kinds[kind](path);
      chmodSync(path, 0o700);
      const named = option === '--textfile' ? [store] : [];
      const { status, stderr } = await runAsNobody([...args, option, path, ...named]);
      expect(stderr).toMatch(/^sescle: [^\n]+; [^\n]+\n$/);
      expect(stderr).toContain(`${option} ${path}: permission denied`);
      expect(status).toBe(2);
      expect(existsSync(session)).toBe(true);
    },
  );

  test('a closed directory on the way to it is refused likewise', async () => {
    const { session, path } = ground();
    mkdirSync(path);
    writeFileSync(join(path, 'named'), '; a file\n');
    chmodSync(path, 0o700);
    for (const option of ['-i', '-c', '-p', '--root']) {
      const { status, stderr } = await runAsNobody(['sweep', option, join(path, 'named')]);
      expect(stderr).toContain(`${option} ${path}/named: permission denied`);
      expect(status).toBe(2);
    }
    expect(existsSync(session)).toBe(true);
  });

  test('a closed state directory is told of, and the sweep goes on', async () => {
    const { store, session, path } = ground();
    mkdirSync(path, { mode: 0o700 });
    const { status, stderr } = await runAsNobody(['sweep', '-l', '1h', '--state', path, store]);
    expect(stderr).toMatch(/a clock change before the next sweep will go unnoticed: EACCES/);
    expect(status).toBe(0);
    expect(existsSync(session)).toBe(false);
  });
});

describe('--http unix:', () => {
  test.each<[string, (path: string) => string]>([
    ['whose directory is missing', (path) => join(path, 'missing/socket')],
    ['whose directory is a file', (path) => join(path, 'file/socket')],
    ['that is a file', (path) => join(path, 'file')],
    ['that is a directory', (path) => join(path, 'directory')],
    ['that is a FIFO', (path) => join(path, 'fifo')],
    ['that is a link', (path) => join(path, 'link')],
  ])('%s is refused before anything is removed', async (_, at) => {
    const [store, base] = [tempDir(), tempDir()];
    const session = writeSession(store, 'expired', { ageSeconds: 100_000 });
    kinds.file(join(base, 'file'));
    kinds.directory(join(base, 'directory'));
    kinds.fifo(join(base, 'fifo'));
    symlinkSync('file', join(base, 'link'));
    const path = at(base);
    const { status, stderr } = await runCli(['watch', '-l', '1h', '--http', `unix:${path}`, store]);
    expect(stderr).toMatch(/^sescle: [^\n]+; [^\n]+\n$/);
    expect(stderr).toContain(`--http unix:${path}: `);
    expect(status).toBe(2);
    expect(existsSync(session)).toBe(true);
  });
});

describe('a directory that sescle.toml names', () => {
  /** A tree whose sescle.toml has a store with an expired session, and names /srv/named by a key. */
  function ground(lines: readonly string[]) {
    const root = tempDir();
    const toml = join(root, 'etc/sescle/sescle.toml');
    for (const each of [dirname(toml), join(root, 'srv/sound')])
      mkdirSync(each, { recursive: true });
    const sound = ['[[store]]', 'path = "/srv/sound"', 'lifetime = "1h"'];
    const isTop = lines[0]?.startsWith('exclude') === true;
    const text = isTop ? [...lines, ...sound] : [...sound, ...lines];
    writeFileSync(toml, `${text.join('\n')}\n`);
    const session = writeSession(join(root, 'srv/sound'), 'expired', { ageSeconds: 100_000 });
    return { root, session, path: join(root, 'srv/named'), line: isTop ? 1 : 5 };
  }

  const keys = {
    path: ['[[store]]', 'path = "/srv/named"', 'lifetime = "1h"'],
    save_path: ['[[store]]', 'save_path = "2;/srv/named"', 'lifetime = "1h"'],
    exclude: ['exclude = ["/srv/named"]'],
    document_roots: ['[discover]', 'document_roots = ["/srv/named"]'],
  };
  const wrong = ['empty', 'binary', 'fifo', 'socket', 'looping link', 'file'] as const;
  const cases = Object.entries(keys).flatMap(([key, lines]) =>
    wrong.map((kind) => [key, kind, lines] as const),
  );

  test.each(cases)(
    '%s that is %s is refused, with its line, before anything is removed',
    async (_, kind, lines) => {
      const { root, session, path, line } = ground(lines);
      if (kind === 'looping link') symlinkSync('named', path);
      else kinds[kind](path);
      const { status, stderr } = await runCli(['sweep', '--root', root]);
      expect(stderr).toMatch(/^sescle: [^\n]+; correct this line\n$/);
      expect(stderr).toMatch(new RegExp(`sescle\\.toml:${line}: '/srv/named' is `));
      expect(status).toBe(2);
      expect(existsSync(session)).toBe(true);
    },
  );

  test('below a file is refused, and of several each is told', async () => {
    const { root, session, path } = ground(['exclude = ["/srv/named/a", "/srv/named/b"]']);
    kinds.file(path);
    const { status, stderr } = await runCli(['sweep', '--root', root]);
    expect(stderr).toContain("'/srv/named/a' lies below something that is not a directory");
    expect(stderr).toContain("'/srv/named/b' lies below something that is not a directory");
    expect(status).toBe(2);
    expect(existsSync(session)).toBe(true);
  });

  test.each(['missing', 'dangling link'] as const)(
    'path that is %s, as of a volume that is not mounted, is told of and stops no other store',
    async (kind) => {
      const { root, session, path } = ground(keys.path);
      kinds[kind](path);
      const { stderr } = await runCli(['sweep', '-q', '--root', root]);
      expect(stderr).toMatch(/srv\/named: the directory does not exist; correct its \[\[store\]\]/);
      expect(existsSync(session)).toBe(false);
    },
  );

  test.each(['missing', 'dangling link'] as const)(
    'exclude that is %s is warned of: only that very path is left alone',
    async (kind) => {
      const { root, session, path } = ground(keys.exclude);
      kinds[kind](path);
      const { status, stderr } = await runCli(['sweep', '--root', root]);
      expect(stderr).toMatch(
        /warning: \S+sescle\.toml:1: the excluded directory \/srv\/named does not exist/,
      );
      expect(status).toBe(0);
      expect(existsSync(session)).toBe(false);
    },
  );

  test.runIf(isRoot)('what a user put there stops no other store', async () => {
    const { root, session, path } = ground([
      '[[store]]',
      'path = "/srv/named/sessions"',
      'lifetime = "1h"',
    ]);
    mkdirSync(path);
    writeFileSync(join(path, 'sessions'), '');
    chownSync(path, 1001, 1001);
    chownSync(join(path, 'sessions'), 1001, 1001);
    const { status, stderr } = await runCli(['sweep', '--root', root]);
    expect(stderr).toMatch(/srv\/named\/sessions: it is not a directory/);
    expect(status).toBe(0);
    expect(existsSync(session)).toBe(false);
  });
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
