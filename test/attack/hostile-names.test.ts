/**
 * Names with control characters, newlines, escape sequences and broken UTF-8: of files in a store, of a
 * store, of what leads there and of what is configured. They neither make anything be removed nor come
 * out of sescle as they are: not in reports, listings, errors, JSON, logs, metrics and pages. (--print0
 * alone prints bytes, for programs.)
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { type CliEnd, cliPath, quote, runCli, runShell } from '../support/cli.js';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';
import { canAttack } from './attackers.js';
import { cleanByFind, findExpired } from './controls.js';
import { makeGround, ownDirectory, ownLink } from './ground.js';
import { bashBytes, expectPrintable, hostileBytes, hostileText } from './printable.js';
import { expectBalanced } from './sweeper.js';
import { lifetimeSeconds, writeVictims } from './victims.js';

const names = { 'that are UTF-8': hostileText, 'that are not UTF-8': hostileBytes };

const sescleWords = `${quote(process.execPath)} ${quote(cliPath)}`;

function bytes(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function writeOld(path: Buffer): void {
  writeFileSync(path, '');
  utimesSync(path, 1, 1);
}

/** `sescle ARGS... PATH`, whatever bytes the path has. */
function runWith(args: string, path: Buffer): Promise<CliEnd> {
  return runShell(`exec "\${sescle[@]}" ${args} ${bashBytes(path)}`);
}

function isWritten(file: string, text: RegExp): boolean {
  return existsSync(file) && text.test(readFileSync(file, 'utf8'));
}

async function expectPrintableRun(args: string, path: Buffer): Promise<CliEnd> {
  const end = await runWith(args, path);
  expectPrintable(end.stdout);
  expectPrintable(end.stderr);
  return end;
}

describe.each(Object.entries(names))('names %s', (_, name) => {
  it('of files are no sessions, and nothing is said of them', async () => {
    const store = tempDir();
    mkdirSync(join(store, 'a'));
    mkdirSync(bytes(store, '/', name));
    for (const file of [bytes('sess_', name), bytes('sess_a', name), bytes('a/sess_a', name)]) {
      writeOld(bytes(store, '/', file));
    }
    const savePath = bytes('1;', store);
    for (const flags of ['-n -vvvv', '-n --json -vvvv', '-vvvv']) {
      await expectPrintableRun(`sweep -l 24m ${flags}`, savePath);
    }
    const { totals } = await sweep(savePath, { maxLifetimeSeconds: lifetimeSeconds });
    expectBalanced(totals);
    expect(totals).toMatchObject({ scanned: 0, foreign: 4, errorCount: 0 });
    expect(readdirSync(store)).toHaveLength(4);
    expect(readdirSync(join(store, 'a'))).toHaveLength(1);

    cleanByFind(store);
    expect(readdirSync(store), 'the control fell').toHaveLength(2);
  });

  it('of a store are escaped wherever it is told of', async () => {
    const base = tempDir();
    const store = bytes(base, '/', name);
    const savePath = bytes('0;0600;', store);
    mkdirSync(store);
    writeOld(bytes(store, '/sess_expired'));
    symlinkSync('nowhere', bytes(store, '/sess_link'));
    writeFileSync(bytes(store, '/sess_live'), '');
    const listed = await expectPrintableRun('sweep -n -vvvv -l 24m', savePath);
    expect(listed.text.match(/^(?:would remove|live|kept,).*\/sess_\w+$/gm)).toHaveLength(3);
    const { text } = await expectPrintableRun('sweep --json -vvvv -l 24m', savePath);
    const report = JSON.parse(text);
    expectBalanced(report.totals);
    expect(report).toMatchObject({ totals: { scanned: 3, removed: 1, live: 1 } });
    expectPrintable(report.stores[0].path);
    expectPrintable(report.stores[0].id);

    expect(() => expectPrintable(findExpired(base)), 'the control fell').not.toThrow();
    writeOld(bytes(store, '/sess_expired'));
    expect(() => expectPrintable(findExpired(base)), 'the control fell').toThrow();
  });

  it('are escaped in errors', async () => {
    const base = tempDir();
    writeFileSync(bytes(base, '/', name), bytes('store = ', name));
    const wrong = [
      ['sweep -l 24m', bytes(base, '/missing', name)],
      ['sweep -l 24m', bytes(base, '/', name)],
      ['sweep -l 24m', bytes(name, ';', base)],
      ['sweep -n -l', name],
      ['sweep -n -c', bytes(base, '/', name)],
      ['stores -p', bytes(base, '/', name)],
      [`watch -n -l 24m ${base} --http`, name],
      ['', name],
      ['sweep -n', bytes('--', name)],
    ] as const;
    for (const [args, path] of wrong) {
      const { status, stderr } = await expectPrintableRun(args, path);
      expect(stderr, args).not.toBe('');
      expect(status, args).toBeGreaterThan(0);
    }
  });

  it.skipIf(!requireTool('script'))('are escaped on a terminal', async () => {
    const base = tempDir();
    const store = bytes(base, '/', name);
    mkdirSync(store);
    writeOld(bytes(store, '/sess_expired'));
    const script = `${sescleWords} sweep -vvvv --progress never -l 24m ${bashBytes(bytes('0;0600;', store))}`;
    const terminal = `export NO_COLOR=1 SHELL=/bin/bash; script -qefc ${quote(`bash -c ${quote(script)}`)} /dev/null`;
    const { text } = await runShell(terminal);
    expect(text).toMatch(/^removed .*\/sess_expired\r$/m);
    expectPrintable(text.replaceAll('\r\n', '\n'));
  });

  it('are escaped in the monitor’s log, metrics, status and page', async () => {
    const base = tempDir();
    const store = bytes(base, '/', name);
    mkdirSync(store);
    writeOld(bytes(store, '/sess_expired'));
    const [metrics, log] = [tempDir(), join(tempDir(), 'log')];
    const options = `-vvvv -l 24m --state ${tempDir()} --textfile ${metrics} --http 127.0.0.1:0`;
    const watch = `exec ${sescleWords} watch ${options} ${bashBytes(bytes('0;0600;', store))} 2> >(tee ${log} >&2)`;
    const monitor = await startProgram(['bash', '--norc', '-c', watch], /answering at/);
    // tee has printed it, and may yet have to write it.
    await until(() => isWritten(log, /answering at .*\n/));
    const [, address] = /answering at ([0-9.:]+)/.exec(readFileSync(log, 'utf8')) ?? [];
    for (const page of ['metrics', 'healthz', 'api/status', '']) {
      const answer = await fetch(`http://${address}/${page}`);
      expect(answer.status).toBe(200);
      expectPrintable(Buffer.from(await answer.arrayBuffer()));
    }
    const file = join(metrics, 'sescle.prom');
    await until(() => isWritten(file, /^sescle_removed_total\{store=".*"\} 1$/m));
    expectPrintable(readFileSync(file));
    const closed = once(monitor, 'close');
    monitor.kill('SIGTERM');
    await closed;
    expectPrintable(readFileSync(log));
  });

  it('are escaped where they are configured', async () => {
    const root = tempDir();
    const line = Buffer.from(name.filter((byte) => byte !== 0x0a && byte !== 0x0d));
    const write = (path: string | Buffer, ...text: (string | Buffer)[]) => {
      const file = bytes(root, path);
      mkdirSync(file.subarray(0, file.lastIndexOf('/')), { recursive: true });
      writeFileSync(file, bytes(...text));
    };
    const fpm = '/etc/php/8.2/fpm';
    write('/etc/passwd', 'root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n');
    write('/etc/group', 'root:x:0:\nwww-data:x:33:\n');
    write(`${fpm}/php.ini`, 'session.save_path = "/srv/', line, '"\nsession.save_path=/srv/', line);
    write(`${fpm}/php-fpm.conf`, `[global]\ninclude=${fpm}/pool.d/*.conf\n`);
    for (const [file, pool] of Object.entries({ plain: 'www', hostile: line })) {
      const settings = bytes('user = www-data\nlisten = /x\npm = ondemand\nuser = ', line);
      const path = bytes('php_value[session.save_path] = /srv/', line);
      write(`${fpm}/pool.d/${file}.conf`, '[', pool, ']\n', settings, '\n', path, '\n', line);
    }
    write('/etc/nginx/nginx.conf', 'http { server { root /home/alice/www; } ', line, ' }\n');
    const userIni = ['session.save_path = /srv/', line, '\nsession.gc_maxlifetime = 60\n', line];
    write(bytes('/home/alice/www/', name, '/.user.ini'), ...userIni);
    mkdirSync(bytes(root, '/srv/', line), { recursive: true });
    const path = bytes(root);
    const { text } = await expectPrintableRun('stores --json --root', path);
    expect(JSON.parse(text).stores.length).toBeGreaterThan(0);
    expect((await expectPrintableRun('stores -v --root', path)).text).toContain('forged');
    await expectPrintableRun('sweep -n -vvvv --root', path);
  });

  it('are escaped where they were searched for, and add no configuration', async () => {
    const root = tempDir();
    const found = bytes(root, '/home/', name);
    mkdirSync(found, { recursive: true });
    for (let id = 0; id < 100; id++) writeOld(bytes(found, '/sess_', `${id}`.padStart(26, '0')));
    const search = `stores --root ${root} --search`;
    const { text } = await expectPrintableRun(search, bytes(root, '/home'));
    expect(text).toContain('100 sessions');
    const lines = text.split('\n').filter((line) => /^(?:\[|\w+ = )/.test(line));
    const { store = [] } = parse(lines.join('\n')) as { store?: readonly { path: string }[] };
    const isNameable = name === hostileText;
    expect(store.map(({ path }) => path)).toEqual(isNameable ? [`${root}/home/${name}`] : []);
  });
});

it.skipIf(!requireTool('php'))('a process that is called so is listed in one line', async () => {
  const hostile = hostileText.toString();
  const php = join(tempDir(), 'php-cgi');
  copyFileSync(realpathSync('/usr/bin/php'), php);
  const defines = ['-d', `session.save_path=/srv/${hostile}`, '-d', `x${hostile}=1`];
  await startProgram([php, ...defines, '-r', "echo 'ready'; fgets(STDIN);"], /ready/);
  for (const flags of ['-v', '--json']) {
    const { stdout, stderr, text } = await runCli(['stores', flags]);
    expectPrintable(stdout);
    expectPrintable(stderr);
    expect(text).toContain('forged');
  }
});

describe.skipIf(!canAttack())('names that a user chose', () => {
  it('are escaped where a link of theirs is refused', async () => {
    const { home } = makeGround();
    const hostile = hostileText.toString();
    const link = ownLink(`${hostile}/victims`, home, 'current');
    mkdirSync(join(ownDirectory(home, hostile), 'victims'));
    const { stderr } = await expectPrintableRun('sweep -l 24m', bytes(link));
    expect(stderr).toContain('forged');
  });

  it('do not say what else is to be removed', async () => {
    const { base, store } = makeGround();
    const victims = writeVictims(join(base, 'victims'), ['victim']);
    // One name ends with a newline; below it, the victim's whole path once more.
    const bait = bytes(store, '/sess_a\n', join(base, 'victims'));
    mkdirSync(bait, { recursive: true });
    writeOld(bytes(bait, '/sess_victim'));
    await expectPrintableRun('sweep -vvvv -l 24m', bytes('9;', store));
    expect(victims.harmed()).toEqual([]);

    // As many a crontab has it: `find ... | xargs rm -f`.
    const input = findExpired(store);
    spawnSync('xargs', ['rm', '-f'], { input, stdio: ['pipe', 'ignore', 'ignore'] });
    expect(victims.harmed(), 'the control fell').toEqual(victims.paths);
  });
});
