/**
 * PHP is the oracle for whole configurations: a main file (by `-c` or PHPRC, as a file or found in a
 * directory), scan directories, the environment and `-d` options, at random. A real PHP starts with
 * each of them, and what it has then for sessions must be what readIniFiles() says.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { toBytes } from '../../lib/php/byte-string.js';
import { compiledInSettings } from '../../lib/php/compiled-in.js';
import { FileTree } from '../../lib/php/file-tree.js';
import { defineText, readIniFiles } from '../../lib/php/ini/ini-files.js';
import { sessionSettingNames } from '../../lib/php/usage.js';
import { fc } from '../support/fast-check.js';
import { Random } from '../support/random.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';
import { environment, iniText, iniValue } from './random-ini.js';

const configurationCount = 320;
const hasPhp = requireTool('php');
const run = promisify(execFile);
const names = sessionSettingNames.filter((name) => name !== 'TMPDIR');
const sections = ['/srv/a', '/srv', 'a.example'];

/** `user` is refused with a fatal error, and an array instead of a string makes PHP crash. */
const line = fc
  .tuple(
    fc.constantFrom(...names, ...names, 'sescle.x', 'Session.save_path'),
    fc.constantFrom('=', ' = '),
    fc.oneof(
      iniValue,
      fc
        .constantFrom('sescle.x', 'session.save_path', 'cfg_file_path')
        .map((name) => `\${${name}}`),
    ),
  )
  .map((parts) => `${parts.join('')}\n`);
const section = fc
  .constantFrom('[PATH=/srv/a/]', '[PATH = /srv]', '[HOST=A.Example]', '[Session]', '[path]')
  .map((name) => `${name}\n`);
const file = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: line }, { weight: 1, arbitrary: section }), {
      maxLength: 8,
    }),
    // Now and then something that PHP stops at, or a NUL.
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('a="\0"\n', '\0', 'a=\0b\n', '(', 'a=1 (\n') },
      // Sections of other names would become keys that PHP confuses with directives.
      { weight: 1, arbitrary: iniText.map((text) => text.replace(/[[\]]|session\./g, '')) },
    ),
    fc.array(line, { maxLength: 2 }),
  )
  .map(([lines, fault, rest]) => [...lines, fault, ...rest].join(''));

const configuration = fc.record({
  main: file,
  choice: fc.constantFrom(
    '-c file',
    '-c directory',
    'PHPRC file',
    'PHPRC directory',
    '-c for cli',
    '-n',
  ),
  scanned: fc.array(file, { maxLength: 3 }),
  scanPath: fc.constantFrom('one', 'one:two', 'two:missing:one', ''),
  defines: fc.array(
    fc.tuple(fc.constantFrom(...names), fc.constantFrom('', '/d', '2;/x', '"q"', '~3', ' x', '1K')),
    { maxLength: 2 },
  ),
});
type Configuration = typeof configuration extends fc.Arbitrary<infer T> ? T : never;

/** Writes a configuration below a directory; PHP's arguments and environment for it. */
function lay(directory: string, { main, choice, scanned, scanPath, defines }: Configuration) {
  const at = (...parts: string[]) => path.join(directory, ...parts);
  for (const name of ['main', 'one', 'two']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('main/php.ini'), toBytes(main));
  if (choice === '-c for cli') writeFileSync(at('main/php-cli.ini'), toBytes(main));
  scanned.forEach((text, index) => {
    writeFileSync(at(index % 2 === 0 ? 'one' : 'two', `${9 - index}.ini`), toBytes(text));
  });
  writeFileSync(at('one/10.ini.bak'), 'session.save_path=/wrong\n');
  const named = at(choice.endsWith(' file') ? 'main/php.ini' : 'main');
  return {
    override: choice.startsWith('-c') ? named : undefined,
    ignoreFiles: choice === '-n',
    environment: new Map<string, string>([
      ...Object.entries(environment),
      ...(choice.startsWith('PHPRC') ? [['PHPRC', named] as const] : []),
      ['PHP_INI_SCAN_DIR', scanPath.replace(/[a-z]+/g, (name) => at(name))],
    ]),
    defines: defines.map(([name, value]) => `${name}=${value}`),
  };
}

/** Prints, in base64: each setting, then `section name value` for those of the sections. */
const script = `
  foreach (['${names.join("','")}'] as $name) echo "\\n@ ", base64_encode(ini_get($name));
  foreach (['${sections.join("','")}'] as $section) {
    $all = get_cfg_var($section);
    foreach (['${names.join("','")}'] as $name)
      if (is_array($all) && isset($all[$name])) echo "\\n# $section $name ", base64_encode($all[$name]);
  }
  echo "\\n";`;

async function askPhp({ override, ignoreFiles, environment, defines }: ReturnType<typeof lay>) {
  const args = [
    ...(ignoreFiles ? ['-n'] : []),
    ...(override === undefined ? [] : ['-c', override]),
    ...defines.flatMap((define) => ['-d', define]),
  ];
  const { stdout, stderr } = await run('php', [...args, '-r', script], {
    env: { PATH: process.env['PATH'], ...Object.fromEntries(environment) },
    encoding: 'latin1',
  });
  const bytes = (text: string) => Buffer.from(text, 'base64').toString('latin1');
  return {
    values: [...stdout.matchAll(/^@ (.*)$/gm)].map(([, text = '']) => bytes(text)),
    overrides: [...stdout.matchAll(/^# (\S+ \S+) (.*)$/gm)]
      .map(([, name, text = '']) => `${name} ${bytes(text)}`)
      .sort(),
    faults: stderr.match(/^PHP: {2}syntax error/gm)?.length ?? 0,
  };
}

function askSescle(tree: FileTree, { defines, ...laid }: ReturnType<typeof lay>) {
  const { settings, overrides, warnings } = readIniFiles(tree, {
    ...laid,
    sapiName: 'cli',
    searchDirs: ['/nonexistent'],
    scanPath: '',
    dialect: '8.2',
    defines: { text: defines.map(defineText).join(''), source: { kind: 'command line' } },
  });
  const defaults = compiledInSettings('debian');
  return {
    values: names.map((name) => {
      const value = (settings.get(name) ?? defaults.get(name))?.value;
      return name === 'open_basedir' ? (value ?? '') : value;
    }),
    overrides: overrides
      .flatMap(({ key, settings }) =>
        sections.includes(key)
          ? Array.from(settings, ([name, { value }]) => `${key} ${name} ${value}`)
          : [],
      )
      .sort(),
    faults: warnings.filter(({ message }) => message.startsWith('syntax error')).length,
  };
}

describe.skipIf(!hasPhp)('PHP and readIniFiles()', () => {
  it(`agree on ${configurationCount} random configurations`, { timeout: 120_000 }, async () => {
    const seed = Random.fromEnvironment().seed | 0;
    const tree = new FileTree('/');
    const base = tempDir();
    const seen = { configurations: 0, changedValues: 0, overrides: 0, faults: 0 };
    const defaults = compiledInSettings('debian');
    await fc.assert(
      fc.asyncProperty(configuration, async (random) => {
        const laid = lay(path.join(base, String(seen.configurations++)), random);
        const expected = await askPhp(laid);
        expect(askSescle(tree, laid)).toEqual(expected);
        const changed = names.filter(
          (name, index) => defaults.get(name)?.value !== expected.values[index],
        );
        seen.changedValues += changed.length;
        seen.overrides += expected.overrides.length;
        seen.faults += expected.faults;
      }),
      { numRuns: configurationCount, seed, endOnFailure: true },
    );
    console.info(`ini files: SESCLE_SEED=${seed}`, seen);
    expect(seen.changedValues).toBeGreaterThan(200);
    expect(seen.overrides).toBeGreaterThan(20);
    expect(seen.faults).toBeGreaterThan(20);
  });
});
