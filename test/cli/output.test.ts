/** What a sweep prints: text, JSON, NULs, listings, help; and that hostile names do no harm in them. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type SweepReport, skipReasons } from '../../lib/index.js';
import { quote, runCli, runShell } from '../support/cli.js';
import { writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const old = { ageSeconds: 5000 };

test('text: one block on standard output, nothing on standard error', async () => {
  const store = tempDir();
  writeSessions(store, 3, 'old', old);
  writeSession(store, 'new');
  const { status, text, stderr } = await runCli(['sweep', '-l', '24m', store]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(text).toMatch(
    /^\S+\n {2}lifetime +24m\n {2}scanned +4\n {2}live +1\n {2}expired +3\n {2}removed +3 \(\S+ \S+ freed\)\n {2}oldest left +\d+s old\n {2}took +[^\n]+\n$/,
  );
  expect(readdirSync(store)).toEqual(['sess_new']);
});

test('-n says what would be removed and removes nothing', async () => {
  const store = tempDir();
  writeSessions(store, 3, 'old', old);
  const { status, text } = await runCli(['sweep', '-n', '-l', '24m', store]);
  expect(status).toBe(0);
  expect(text).toMatch(/would remove +3 /);
  expect(readdirSync(store)).toHaveLength(3);
});

test('-q prints nothing where nothing went wrong', async () => {
  const store = tempDir();
  writeSession(store, 'old', old);
  expect(await runCli(['sweep', '-q', '-l', '24m', store])).toMatchObject({
    status: 0,
    text: '',
    stderr: '',
  });
  expect(readdirSync(store)).toEqual([]);
});

test('-vv, -vvv and -vvvv list more and more, one line a session', async () => {
  const store = tempDir();
  writeSession(store, 'old', old);
  writeSession(store, 'new');
  symlinkSync('nowhere', join(store, 'sess_link'));
  const lines = async (flag: string) => {
    const { text } = await runCli(['sweep', '-n', flag, '-l', '24m', store]);
    return text
      .split('\n')
      .filter((line) => line.includes('/sess_'))
      .sort();
  };
  const removal = `would remove ${store}/sess_old`;
  const kept = `kept, not a regular file: ${store}/sess_link`;
  const live = `live ${store}/sess_new`;
  expect(await lines('-v')).toEqual([]);
  expect(await lines('-vv')).toEqual([removal]);
  expect(await lines('-vvv')).toEqual([kept, removal]);
  expect(await lines('-vvvv')).toEqual([kept, live, removal]);
});

test('--json has what was named by mistake, and says that nothing was swept', async () => {
  const store = tempDir();
  writeSession(store, 'old', old);
  const { status, text, stderr } = await runCli([
    'sweep',
    '--json',
    '-l',
    '1440',
    store,
    '/does/not/exist',
  ]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^sescle: [^\n]*does not exist; [^\n]*\nsescle: nothing was swept; /);
  expect(JSON.parse(text)).toMatchObject({
    complete: false,
    stores: [],
    unusable: [{ id: '/does/not/exist', code: 'ENOENT', errno: 2, remedy: expect.any(String) }],
    totals: { scanned: 0, removed: 0 },
  });
});

test('--json prints one object whose sums hold', async () => {
  const store = tempDir();
  writeSessions(store, 5, 'old', old);
  writeSessions(store, 2, 'new');
  writeSession(store, 'future', { ageSeconds: -5000 });
  mkdirSync(join(store, 'sess_directory'));
  writeFileSync(join(store, 'foreign'), '');
  const { status, text, stderr } = await runCli(['sweep', '--json', '-l', '1440', store]);
  expect(status).toBe(0);
  expect(stderr).toBe('');
  expect(text.endsWith('}\n')).toBe(true);
  const report: SweepReport = JSON.parse(text);
  expect(report).toMatchObject({
    version: 1,
    dryRun: false,
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    durationMs: expect.any(Number),
    sandbox: expect.any(String),
    complete: true,
    unusable: [],
    totals: { scanned: 9, removed: 5, errorCount: 0 },
  });
  expect(report.stores).toMatchObject([
    {
      id: store,
      path: store,
      depth: 0,
      maxLifetime: 1440,
      scanned: 9,
      live: 3,
      futureDated: 1,
      expired: 5,
      removed: 5,
      wouldRemove: 0,
      vanished: 0,
      skipped: { not_regular: 1, in_use: 0 },
      foreign: 1,
      errors: [],
    },
  ]);
  for (const { scanned, live, removed, wouldRemove, vanished, skipped } of [
    ...report.stores,
    report.totals,
  ]) {
    const skips = skipReasons.reduce((sum, reason) => sum + skipped[reason], 0);
    expect(scanned).toBe(live + removed + wouldRemove + vanished + skips);
  }
});

test('--json has no field that docs/output.md does not name', async () => {
  const reports = await Promise.all(
    [tempDir(), '/does/not/exist'].map((path) => runCli(['sweep', '--json', '-l', '1440', path])),
  );
  const document = readFileSync(new URL('../../docs/output.md', import.meta.url), 'utf8');
  const named = new Set(document.match(/(?<=`)\w+(?=`|\[\])/g));
  const names = new Set<string>();
  for (const { text } of reports) {
    JSON.parse(text, (name, value: unknown) => {
      if (/^[a-z]/i.test(name)) names.add(name);
      return value;
    });
  }
  expect(names.size).toBeGreaterThan(30);
  expect([...names].filter((name) => !named.has(name))).toEqual([]);
});

test('--json keeps standard output to itself, even with -vv', async () => {
  const store = tempDir();
  writeSession(store, 'old', old);
  const { text, stderr } = await runCli(['sweep', '--json', '-vv', '-l', '1440', store]);
  expect(JSON.parse(text)).toMatchObject({ totals: { removed: 1 } });
  expect(stderr).toBe(`removed ${store}/sess_old\n`);
});

test('--print0 prints exact paths of what was removed; the report goes to standard error', async () => {
  const store = tempDir();
  const paths = writeSessions(store, 1000, 'old', old);
  writeSession(store, 'new');
  const { status, stdout, stderr } = await runCli(['sweep', '--print0', '-l', '1440', store]);
  expect(status).toBe(0);
  expect(stdout.toString().split('\0').slice(0, -1).sort()).toEqual(paths);
  expect(stdout.at(-1)).toBe(0);
  expect(stderr).toMatch(/removed +1,000 /);
});

test('a store with a hostile name of 255 bytes is exact in --print0 and escaped in text', async () => {
  const base = tempDir();
  const hostile = Buffer.concat([
    Buffer.from('a\n\u001b[31m\\\u202e'),
    Buffer.from([0xff, 0xc0, 0xaf]),
  ]);
  const name = Buffer.concat([hostile, Buffer.alloc(255 - hostile.length, 'x')]);
  const store = Buffer.concat([Buffer.from(`${base}/`), name]);
  mkdirSync(store);
  writeFileSync(Buffer.concat([store, Buffer.from('/sess_old')]), '');
  const foreign = Buffer.concat([
    store,
    Buffer.from('/sess_'),
    hostile,
    Buffer.alloc(249 - hostile.length, 'y'),
  ]);
  writeFileSync(foreign, '');
  const bash = Array.from(name, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  const sweep = (flags: string) =>
    runShell(
      `touch -d @1 ${quote(base)}/$'${bash}'/*; "\${sescle[@]}" sweep ${flags} -l 1 ${quote(base)}/$'${bash}'`,
    );
  const shown = `${base}/a\\n\\x1b[31m\\\\\\xe2\\x80\\xae\\xff\\xc0\\xaf${'x'.repeat(255 - hostile.length)}`;

  const dry = await sweep('-n -vv');
  expect(dry.text.split('\n').slice(0, 2)).toEqual([`would remove ${shown}/sess_old`, shown]);
  expect(JSON.parse((await sweep('-n --json')).text)).toMatchObject({
    stores: [{ id: shown, path: shown }],
  });

  const exact = await sweep('--print0');
  expect(exact.status).toBe(0);
  expect(exact.stdout).toEqual(Buffer.concat([store, Buffer.from('/sess_old\0')]));
  expect(readdirSync(store, { encoding: 'buffer' })).toEqual([foreign.subarray(store.length + 1)]);
});

test('a relative SAVE_PATH is taken from the current directory, with its depth', async () => {
  const base = tempDir();
  writeSession(join(base, 'sessions/a/b'), 'abc', old);
  const { text } = await runCli(['sweep', '-vv', '-l', '1440', '2;sessions'], { cwd: base });
  expect(text).toContain(`removed ${base}/sessions/a/b/sess_abc\n`);
});

test('a reader that goes away ends the sweep quietly', async () => {
  const store = tempDir();
  writeSessions(store, 4000, 'live');
  for (const flags of ['-vvvv', '-n --print0 -vvvv 2>&1']) {
    const { stdout, stderr } = await runShell(
      `"\${sescle[@]}" sweep -l 1440 ${quote(store)} ${flags} | head -c 10; echo " \${PIPESTATUS[0]}"`,
    );
    expect(stdout.toString()).toMatch(/^.{10} 141\n$/s);
    expect(stderr).toBe('');
  }
});

test('a reader that goes away ends a sweep that would go on for minutes', async () => {
  const store = tempDir();
  writeSessions(store, 300, 'old', old);
  const { text } = await runShell(
    `"\${sescle[@]}" sweep -l 1440 --max-rate 1 --progress always ${quote(store)} 2>&1 | head -n 1; echo "\${PIPESTATUS[0]}"`,
  );
  expect(text).toMatch(/^\d+ sessions? scanned[^\n]+\n141\n$/);
  expect(readdirSync(store).length).toBeGreaterThan(0);
});

test('a full disk under the listing does not stop the cleaning, and fails', async () => {
  const store = tempDir();
  writeSessions(store, 300, 'old', old);
  const { status, stderr } = await runShell(
    `"\${sescle[@]}" sweep -vv -l 1440 ${quote(store)} >/dev/full`,
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/^sescle: cannot write to standard output: ENOSPC\n$/);
  expect(readdirSync(store)).toEqual([]);
});

test('a slow reader behind a non-blocking pipe gets every byte', async () => {
  const store = tempDir();
  const paths = writeSessions(store, 4000, 'old', old);
  const script = `import os, sys, time, fcntl, subprocess
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
child = subprocess.Popen(sys.argv[1:], stdout=w, stderr=subprocess.DEVNULL)
os.close(w)
while data := os.read(r, 4096):
    os.write(1, data)
    time.sleep(0.001)
sys.exit(child.wait())`;
  const { status, stdout } = await runShell(
    `python3 -c ${quote(script)} "\${sescle[@]}" sweep -n --print0 -l 1440 ${quote(store)}`,
  );
  expect(status).toBe(0);
  expect(stdout.toString().split('\0').slice(0, -1).sort()).toEqual(paths);
});

test('-h and -V', async () => {
  const help = await runCli(['sweep', '--help']);
  expect(help.status).toBe(0);
  for (const word of [
    '-l, --max-lifetime',
    '--print0',
    'Examples:',
    'exit status: sescle help options',
  ]) {
    expect(help.text).toContain(word);
  }
  expect(help.text.split('\n').every((line) => line.length <= 100)).toBe(true);
  expect((await runCli(['-h'])).text).toContain('sweep [options] [SAVE_PATH...]');
  for (const args of [['-V'], ['--version'], ['sweep', '-V']]) {
    expect(await runCli(args)).toMatchObject({
      status: 0,
      stderr: '',
      text: expect.stringMatching(/^sescle \d+\.\d+\.\d+\n$/),
    });
  }
});
