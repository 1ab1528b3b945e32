/**
 * php-fpm is the oracle: what `php-fpm -tt` prints of random configurations, and what ini_get()
 * returns in the pools of a running one, must be what readFpmPools() says.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromBytes } from '../../lib/php/byte-string.js';
import { FileTree } from '../../lib/php/file-tree.js';
import { glob } from '../../lib/php/fpm/glob.js';
import type { FpmPool } from '../../lib/php/fpm/pool.js';
import { type FpmPools, readFpmPools } from '../../lib/php/fpm/pools.js';
import type { ParseIni } from '../../lib/php/ini/ini.js';
import { parseIni } from '../../lib/php/ini/parse-ini.js';
import { sessionSettingNames } from '../../lib/php/usage.js';
import { runByFastCgi } from '../support/fastcgi.js';
import { dumpConfiguration, findPhpFpm, startPhpFpm } from '../support/php-fpm.js';
import { Random } from '../support/random.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';
import { type RandomFpm, writeRandomFpm } from './random-fpm.js';

const phpFpm = findPhpFpm() ?? '';
const isRoot = process.geteuid?.() === 0;
const tree = new FileTree('/');
const parse: ParseIni = (text, context) => parseIni(text, context, '8.2');
const validCount = 250;
const iniLifetime = '77';

function read(mainFile: string, prefix: string | null, environment: Record<string, string>) {
  return readFpmPools(tree, {
    mainFile: bytes(mainFile),
    prefix: prefix === null ? null : bytes(prefix),
    parseIni: parse,
    environment: new Map(Object.entries(environment)),
    directive: (name) => (name === 'session.gc_maxlifetime' ? iniLifetime : undefined),
  });
}

function bytes(text: string): string {
  return fromBytes(Buffer.from(text));
}

describe.skipIf(phpFpm === '')('readFpmPools() and php-fpm -tt', () => {
  it(`say the same of ${validCount} random configurations`, { timeout: 300_000 }, () => {
    const random = Random.fromEnvironment();
    const differences: string[] = [];
    const compared = { configurations: 0, pools: 0, fields: 0, refused: 0 };
    while (compared.configurations < validCount && compared.refused < 10 * validCount) {
      const directory = tempDir();
      const fpm = writeRandomFpm(random, directory);
      const dump = dumpRandom(fpm);
      const found = read(fpm.mainFile, fpm.prefix, fpm.environment);
      if (dump.isValid) {
        compared.configurations += 1;
        if (fpm.hasMistake) differences.push(`not refused: ${fpm.mainFile}`);
        compare(found, dump.pools, fpm, compared, differences);
      } else {
        compared.refused += 1;
        const isSaid = found.warnings.length > 0 || found.pools.some((pool) => pool.isBroken);
        if (!isSaid || !fpm.hasMistake) differences.push(`refused: ${dump.output}`);
      }
      rmSync(directory, { recursive: true });
    }
    console.log(`fpm: ${JSON.stringify(compared)}, seed ${random.seed}`);
    expect(differences, `SESCLE_SEED=${random.seed}`).toEqual([]);
    expect(compared.configurations).toBe(validCount);
  });
});

function dumpRandom({ mainFile, prefix, environment }: RandomFpm) {
  const more = ['-n', '-d', `session.gc_maxlifetime=${iniLifetime}`];
  if (prefix !== null) more.push('-p', prefix);
  return dumpConfiguration(phpFpm, mainFile, { arguments: more, env: { ...environment } });
}

function compare(
  { pools }: FpmPools,
  dumped: ReadonlyMap<string, readonly string[]>,
  { environment }: RandomFpm,
  compared: { pools: number; fields: number },
  differences: string[],
): void {
  const check = (what: string, ours: unknown, theirs: unknown) => {
    compared.fields += 1;
    if (ours !== theirs) differences.push(`${what}: here ${ours}, php-fpm ${theirs}`);
  };
  check('pools', pools.map(({ name }) => name).join(), [...dumped.keys()].join());
  for (const pool of pools) {
    compared.pools += 1;
    const lines = dumped.get(pool.name) ?? [];
    // php-fpm applies them in this order: the last one counts.
    const last = (key: string) =>
      lines.findLast((line) => line.startsWith(`${key} = `))?.slice(key.length + 3);
    const defined = (key: string) => {
      const value = last(key);
      return value === 'undefined' ? null : value;
    };
    check(`${pool.name} broken`, pool.isBroken, false);
    check(`${pool.name} user`, pool.user?.uid, uidOf(defined('user')));
    for (const key of ['group', 'prefix', 'chroot', 'chdir'] as const)
      check(`${pool.name} ${key}`, pool[key], defined(key));
    check(`${pool.name} clear_env`, pool.clearEnv, last('clear_env') === 'yes');
    for (const name of sessionSettingNames) {
      const byAdmin = last(`php_admin_value[${name}]`);
      const temporary = last('env[TMPDIR]');
      const theirs =
        name !== 'TMPDIR'
          ? (byAdmin ?? last(`php_value[${name}]`))
          : temporary?.startsWith('$')
            ? (environment[temporary.slice(1)] ?? '')
            : temporary;
      check(`${pool.name} ${name}`, pool.settings.get(name)?.value, theirs);
      check(`${pool.name} admin ${name}`, pool.adminSettings.has(name), byAdmin !== undefined);
    }
  }
}

function uidOf(user: string | null | undefined): number {
  if (/^[0-9]+$/.test(user ?? '')) return Number(user);
  return Number(execFileSync('id', ['-u', '--', user ?? ''], { encoding: 'utf8' }));
}

const hasPhp = requireTool('php');

describe.skipIf(!hasPhp)('glob() and that of PHP, which is the C library’s', () => {
  it('find the same for 500 random patterns', { timeout: 120_000 }, () => {
    const random = Random.fromEnvironment();
    // In a directory of its own, so that `..` holds nothing else.
    const directory = path.join(tempDir(), 'in');
    mkdirSync(directory);
    const part = () => random.text('ab.-[]!*é\\', random.integer(1, 4)).replaceAll('/', '');
    const places = ['.', 'a', 'b', 'ab', 'a.b', '.a'] as const;
    for (const place of places) mkdirSync(path.join(directory, place), { recursive: true });
    for (let count = 0; count < 120; count += 1) {
      const below = path.join(directory, random.pick(places));
      const file = path.join(below, part());
      try {
        writeFileSync(file, '');
      } catch {
        // A directory of that name.
      }
    }
    const wildcards = ['*', '?', '**', '[a-b]', '[!a]', '[^a]', '[[:alpha:]]', '[]a]', '[', '\\a'];
    const patterns = Array.from({ length: 500 }, () => {
      const parts = Array.from({ length: random.integer(1, 2) }, () =>
        Array.from({ length: random.integer(1, 3) }, () =>
          random.pick(['a', 'b', '.', 'é', '*', ...wildcards] as [string, ...string[]]),
        ).join(''),
      );
      return [directory, ...parts.map(plain)].join('/');
    });
    const script =
      'foreach (json_decode(stream_get_contents(STDIN)) as $p) $r[] = array_map("bin2hex", glob($p));' +
      'echo json_encode($r);';
    const answers: string[][] = JSON.parse(
      execFileSync('php', ['-r', script], { input: JSON.stringify(patterns), encoding: 'utf8' }),
    );
    const differences = patterns.flatMap((pattern, index) => {
      const theirs = answers[index] ?? [];
      const ours = glob(tree, bytes(pattern)).paths.map((found) =>
        Buffer.from(found, 'latin1').toString('hex'),
      );
      if (ours.join() === theirs.join()) return [];
      const text = (list: string[]) => list.map((hex) => Buffer.from(hex, 'hex').toString());
      return [`${pattern}: here ${text(ours)}, the C library ${text(theirs)}`];
    });
    expect(differences, `SESCLE_SEED=${random.seed}`).toEqual([]);
    expect(answers.flat().length).toBeGreaterThan(100);
  });
});

/**
 * Without what only the C library does: behind a star and a question mark it takes a dot in a set
 * for the first of the name. A part of dots alone names no file.
 */
function plain(part: string): string {
  return /^\.+$|\*[*?]*\?[*?]*\[/.test(part) ? 'a*' : part;
}

/** Prints what counts, as a pool's script sees it. */
const script = `<?php
$names = json_decode(getenv('NAMES') ?: $_SERVER['NAMES']);
foreach ($names as $name) $values[$name] = ini_get($name);
$values['TMPDIR'] = getenv('TMPDIR', true);
$values['uid'] = posix_geteuid();
$values['changed'] = @ini_set('session.gc_maxlifetime', '4321') !== false;
session_id('probe'); @session_start(); $_SESSION['a'] = 1; session_write_close();
echo json_encode($values);
`;

interface Answer extends Readonly<Record<string, unknown>> {
  readonly uid: number;
  readonly changed: boolean;
}

describe.skipIf(phpFpm === '' || !isRoot)('the pools of a running php-fpm', () => {
  it('have the values, users and directories that readFpmPools() says', async () => {
    const directory = tempDir();
    for (const name of ['own', 'jail/tmp', 'jail/sessions', 'empty', 'pool-dollar']) {
      mkdirSync(path.join(directory, name), { recursive: true });
      chmodSync(path.join(directory, name), 0o777);
    }
    writeFileSync(path.join(directory, 'show.php'), script);
    writeFileSync(path.join(directory, 'jail/show.php'), script);
    const mainFile = path.join(directory, 'fpm.conf');
    const environment = { TMPDIR: `${directory}/master`, MINE: `${directory}/empty` };
    writeFileSync(mainFile, runningConfiguration(directory));
    const { pools, warnings } = read(mainFile, null, environment);
    expect(warnings).toEqual([]);
    await startPhpFpm(phpFpm, mainFile, { env: environment });

    const answers = new Map<string, Answer>();
    for (const { name, chroot } of pools) {
      const at = chroot === null ? `${directory}/show.php` : '/show.php';
      const { body, stderr } = await runByFastCgi(`${directory}/${name}.sock`, at, {
        NAMES: JSON.stringify(sessionSettingNames.filter((setting) => setting !== 'TMPDIR')),
      });
      expect(stderr).toBe('');
      answers.set(name, JSON.parse(body));
    }
    const answerOf = (name: string) => answers.get(name) ?? {};
    for (const pool of pools) expect(seen(pool, answerOf(pool.name))).toEqual(said(pool));

    expect(answerOf('twice')).toMatchObject({
      'session.save_path': `${directory}/own`,
      'session.gc_maxlifetime': '111',
      changed: false,
    });
    expect(answerOf('flags')).toMatchObject({
      'session.gc_probability': '1',
      'session.gc_divisor': '0',
      changed: true,
    });
    // Where the sessions went: the file system has the last word.
    const written = execFileSync('find', [directory, '-name', 'sess_probe', '-printf', '%P\n'], {
      encoding: 'utf8',
    });
    expect(written.split('\n').filter(Boolean).sort()).toEqual([
      'empty/sess_probe',
      'jail/sessions/sess_probe',
      'jail/tmp/sess_probe',
      'own/sess_probe',
      'pool-dollar/sess_probe',
    ]);
  });

  it('are all missing where one is broken; here only that one is marked', () => {
    const directory = tempDir();
    const mainFile = path.join(directory, 'fpm.conf');
    writeFileSync(mainFile, `${runningConfiguration(directory)}[bad]\nuser = no-such-user\n`);
    mkdirSync(path.join(directory, 'jail'));
    const dump = dumpConfiguration(phpFpm, mainFile);
    expect(dump.isValid).toBe(false);
    expect(dump.pools.size).toBe(0);
    const { pools } = read(mainFile, null, {});
    expect(pools.map(({ name, isBroken }) => [name, isBroken])).toEqual([
      ['twice', false],
      ['flags', false],
      ['pool-dollar', false],
      ['empty', false],
      ['jailed', false],
      ['jailed-empty', false],
      ['inherits', false],
      ['bad', true],
    ]);
  });
});

/** `ondemand`, so that a pool whose processes die is not started over and over. */
function runningConfiguration(directory: string): string {
  const pool = (name: string, lines: string) =>
    `[${name}]\nuser = www-data\nlisten = ${directory}/$pool.sock\n` +
    `pm = ondemand\npm.max_children = 2\n${lines}\n`;
  return [
    `[global]\nerror_log = ${directory}/log\n`,
    pool(
      'twice',
      `php_value[session.save_path] = ${directory}/wrong
php_admin_value[session.save_path] = ${directory}/own
php_admin_value[session.save_path] = ${directory}/wrong
php_value[session.save_path] = ${directory}/wrong
php_admin_value[session.gc_maxlifetime] = 111
php_value[session.gc_maxlifetime] = 222
php_value[session.gc_divisor] = 5
php_value[session.gc_divisor] = 6
env[TMPDIR] = /first
env[TMPDIR] = /second`,
    ),
    pool(
      'flags',
      `php_flag[session.gc_probability] = yes
php_admin_flag[session.gc_divisor] = off
php_value[session.gc_probability] = 50
php_value[session.save_path] = ${directory}/own
php_value[session.gc_maxlifetime] = "1K"`,
    ),
    pool('pool-dollar', `php_value[session.save_path] = ${directory}/$pool`),
    pool('empty', 'php_value[session.save_path] =\nenv[TMPDIR] = $MINE'),
    pool(
      'jailed',
      `chroot = ${directory}/jail\nprefix = ${directory}\nphp_value[session.save_path] = /sessions`,
    ),
    pool(
      'jailed-empty',
      `prefix = ${directory}\nchroot = $prefix/jail\nphp_value[session.save_path] = ""`,
    ),
    pool('inherits', 'clear_env = no'),
  ].join('');
}

/** What a pool says of itself, as far as it sets it. */
function said(pool: FpmPool): Record<string, unknown> {
  return {
    uid: pool.user?.uid,
    changed: !pool.adminSettings.has('session.gc_maxlifetime'),
    ...Object.fromEntries(Array.from(pool.settings, ([name, { value }]) => [name, value])),
  };
}

function seen(pool: FpmPool, answer: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = ['uid', 'changed', ...pool.settings.keys()];
  return Object.fromEntries(names.map((name) => [name, answer[name]]));
}
