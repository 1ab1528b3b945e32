/**
 * PHP is the oracle: over many random command lines, the settings that php has by its own reading
 * and those that are read of its arguments must be the same.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { processSettings } from '../../lib/php/processes/settings.js';
import { Random } from '../support/random.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';

const lineCount = 200;
const names = ['session.save_path', 'session.gc_maxlifetime', 'session.gc_divisor'] as const;

/** Prints what PHP has, and goes on to no script. */
const code = `echo json_encode([array_map('ini_get', ${JSON.stringify(names)}), php_ini_loaded_file()]);exit;`;

interface Answer {
  readonly values: readonly (string | undefined)[];
  readonly iniFile: string | null;
}

const values = [
  ...([
    '/a',
    '2;/a',
    '"2;/a"',
    "'1;/b'",
    '',
    '60',
    '-1',
    '1K',
    'On',
    'none',
    '"/a',
    'a b',
  ] as const),
  ...['/a=b', '=7', '$x', '\\$y', '/a#b', '(1)', 'x|1', '~1', '\n', '/a\nsession.gc_divisor=9'],
  ...['é', '/é', '[x]'],
] as const;

function randomWords(random: Random, directory: string): string[] {
  const define = () => {
    const name = random.pick([...names, 'session.other', '[x]']);
    return random.pick([
      '',
      name,
      `${name}=${random.pick(values)}`,
      `${name}=${random.pick(values)}`,
    ]);
  };
  const option = (): string[] => {
    switch (random.integer(0, 8)) {
      case 0:
        return [random.pick(['-n', '--no-php-ini', '-nq', '-qC'])];
      case 1:
        return [random.pick(['-c', '--php-ini']), directory];
      case 2:
        return [`${random.pick(['-c', '-c=', '-nc', '--php-ini='])}${directory}/other.ini`];
      case 3:
        return [`${random.pick(['-d', '-d=', '-qd', '--define='])}${define()}`];
      default:
        return [random.pick(['-d', '--define', '-nd', '-Cd']), define()];
    }
  };
  return Array.from({ length: random.integer(1, 5) }, option).flat();
}

describe.skipIf(!requireTool('php'))('the arguments of php', () => {
  it(`are read as php reads them, on ${lineCount} random command lines`, () => {
    const random = Random.fromEnvironment();
    const directory = tempDir();
    mkdirSync(path.join(directory, 'scan'));
    writeFileSync(path.join(directory, 'php.ini'), '');
    writeFileSync(path.join(directory, 'other.ini'), '');
    const env = { PATH: process.env['PATH'] ?? '', PHP_INI_SCAN_DIR: path.join(directory, 'scan') };
    const ask = (words: readonly string[]): Answer | undefined => {
      const { stdout, status } = spawnSync('php', [...words, '-r', code], {
        env,
        encoding: 'utf8',
      });
      const start = stdout.lastIndexOf('[[');
      if (status !== 0 || start < 0) return undefined;
      const [found, file] = JSON.parse(stdout.slice(start));
      return { values: found, iniFile: file === false ? null : file };
    };
    const unset = ask(['-n'])?.values ?? [];
    const packaged = ask([]);
    const packagedFile = packaged?.iniFile ?? null;
    const differences: unknown[] = [];
    let compared = 0;
    for (let line = 0; line < lineCount; line += 1) {
      const words = randomWords(random, directory);
      const answer = ask(words);
      if (answer === undefined) continue;
      compared += 1;
      const read = readAs([...words, '-r', code], packagedFile);
      const unread = read.iniFile === packagedFile ? (packaged?.values ?? []) : unset;
      const isSame =
        answer.values.every((value, index) => value === (read.values[index] ?? unread[index])) &&
        answer.iniFile === read.iniFile;
      if (!isSame) differences.push({ words, php: answer, read });
    }
    expect(differences, `SESCLE_SEED=${random.seed}`).toEqual([]);
    expect(compared).toBeGreaterThan(lineCount / 2);
    console.info(`options: ${compared} command lines compared, 0 differences`);
  });
});

/** @param packagedFile the php.ini that it has where nothing is said */
function readAs(words: readonly string[], packagedFile: string | null): Answer {
  const { settings, iniOptions } = processSettings({
    pid: 1,
    startTicks: 1,
    sapi: 'cli',
    label: 'php',
    exe: '/usr/bin/php8.2',
    version: '8.2',
    uid: 0,
    setBy: 0,
    master: null,
    arguments: ['php', ...words.map((word) => Buffer.from(word).toString('latin1'))],
    environment: new Map(),
    title: null,
    workingDirectory: '/',
    root: '/',
    unit: null,
  });
  const values = names.map((name) => {
    const value = settings.get(name)?.value;
    return value === undefined ? undefined : Buffer.from(value, 'latin1').toString();
  });
  const { noIni, path: file } = iniOptions;
  if (file === null) return { values, iniFile: noIni ? null : packagedFile };
  return { values, iniFile: file.endsWith('.ini') ? file : `${file}/php.ini` };
}
