/**
 * Asking an interpreter: the real one, and stand-ins that hang, die, shout or belong to a user. What
 * a user could have written is never run.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type AskedSettings,
  askCompiledIn,
  askSettings,
  type CompiledIn,
  NotAsked,
  type PhpQuestion,
} from '../../lib/php/ask.js';
import { FileTree, type Place, Unreadable } from '../../lib/php/file-tree.js';
import { describeSource } from '../../lib/php/provenance.js';
import { RunFailure, runPhp } from '../../lib/php/run-php.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';

const hasPhp = requireTool('php');
const isRoot = process.getuid?.() === 0;
const php = '/usr/bin/php';
const tree = new FileTree('/');
const someone = 1000;

/** An executable script in a directory that only root may write to. */
function interpreter(body: string): string {
  const file = path.join(tempDir(), 'php');
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

async function compiledIn(): Promise<CompiledIn> {
  const answer = await askCompiledIn(tree, php);
  if (answer instanceof NotAsked) throw new Error(answer.warning.message);
  return answer;
}

async function reasonFor(binary: string): Promise<string> {
  const answer = await askCompiledIn(tree, binary, { timeLimitMs: 500, maxOutputBytes: 10_000 });
  return answer instanceof NotAsked ? answer.warning.message : 'it was asked';
}

async function asked(question: PhpQuestion): Promise<AskedSettings> {
  const answer = await askSettings(tree, await compiledIn(), question);
  if (answer instanceof NotAsked) throw new Error(answer.warning.message);
  return answer;
}

async function refusal(question: PhpQuestion): Promise<string> {
  const answer = await askSettings(tree, await compiledIn(), question);
  return answer instanceof NotAsked ? answer.warning.message : 'it was asked';
}

/** A directory with a php.ini. */
function iniDirectory(text: string): string {
  const directory = tempDir();
  writeFileSync(path.join(directory, 'php.ini'), text);
  return directory;
}

const nothingScanned = new Map([['PHP_INI_SCAN_DIR', '']]);

describe.skipIf(!hasPhp)('a real interpreter', () => {
  it('tells its version, its paths and what was compiled in', async () => {
    const said = (code: string) =>
      execFileSync(php, ['-n', '-r', `echo ${code};`], { encoding: 'utf8' });
    const { version, scanPath, extensionDir, searchDirs, settings, warnings } = await compiledIn();
    expect(version).toBe(said('PHP_VERSION'));
    expect(scanPath).toBe(said('PHP_CONFIG_FILE_SCAN_DIR'));
    expect(extensionDir).toBe(said('PHP_EXTENSION_DIR'));
    expect(searchDirs).toEqual(['/usr/bin', said('PHP_CONFIG_FILE_PATH')]);
    expect(settings.get('session.save_path')).toEqual({
      value: said('ini_get("session.save_path")'),
      source: { kind: 'php', binary: php },
      setBy: 0,
    });
    expect(warnings).toEqual([]);
  });

  it('tells another SAPI’s values, with the line of those that stand in a file', async () => {
    const directory = iniDirectory('session.gc_maxlifetime = 77\nsession.save_path = "2;/srv"\n');
    const { settings } = await asked({ override: directory, environment: nothingScanned });
    expect(settings.get('session.gc_maxlifetime')?.value).toBe('77');
    expect(
      Array.from(settings, ([name, { value, source }]) => [name, value, describeSource(source)]),
    ).toEqual([
      ['session.save_handler', 'files', '/usr/bin/php -r'],
      ['session.save_path', '2;/srv', `${directory}/php.ini:2`],
      ['session.gc_maxlifetime', '77', `${directory}/php.ini:1`],
      ['session.gc_probability', '1', '/usr/bin/php -r'],
      ['session.gc_divisor', '100', '/usr/bin/php -r'],
      ['sys_temp_dir', '', '/usr/bin/php -r'],
    ]);
  });

  it('answers though its configuration prepends, prints, forbids and starts sessions', async () => {
    const sessions = tempDir();
    chmodSync(sessions, 0o777);
    const directory = iniDirectory(
      `session.auto_start=1\nsession.save_path=${sessions}\noutput_buffering=10\n` +
        'disable_functions=ini_get,bin2hex\nauto_prepend_file=/nonexistent\n' +
        'display_startup_errors=1\nextension=nonexistent\nsession.gc_probability=100\n',
    );
    const { settings } = await asked({ override: directory, environment: nothingScanned });
    expect(settings.get('session.save_path')?.value).toBe(sessions);
    expect(execFileSync('ls', [sessions], { encoding: 'utf8' })).toBe('');
  });

  it('says where its word and the files’ differ', async () => {
    const constant = iniDirectory('sys_temp_dir=PHP_SAPI\n');
    const { settings, warnings } = await asked({
      override: constant,
      environment: nothingScanned,
    });
    expect(settings.get('sys_temp_dir')?.value).toBe('cli');
    expect(warnings.map(({ message }) => message)).toEqual([
      'sys_temp_dir is PHP_SAPI here, but /usr/bin/php says cli',
    ]);
  });

  it.skipIf(!isRoot)('is not asked where nobody may not read its files, as root does', async () => {
    const directory = iniDirectory('session.save_path=/secret\n');
    chmodSync(path.join(directory, 'php.ini'), 0o640);
    const reason = `${directory}/php.ini cannot be read by everyone`;
    expect(await refusal({ override: directory })).toContain(reason);
    chmodSync(path.join(directory, 'php.ini'), 0o644);
    chmodSync(directory, 0o700);
    expect(await refusal({ override: directory })).toContain(reason);
  });

  it('is not asked in a tree that is not this machine’s own', async () => {
    const answer = await askCompiledIn(new FileTree(tempDir()), php);
    expect(answer).toBeInstanceOf(NotAsked);
  });
});

describe.skipIf(!isRoot)('an interpreter that a user could have written', () => {
  it('is not run: its file', async () => {
    const proof = path.join(tempDir(), 'proof');
    const binary = interpreter(`touch ${proof}`);
    chownSync(binary, someone, someone);
    expect(await reasonFor(binary)).toContain(`${binary} uid ${someone} may change`);
    expect(existsSync(proof)).toBe(false);
  });

  it('is not run: a directory above it, or a link on the way', async () => {
    const home = tempDir();
    chownSync(home, someone, someone);
    mkdirSync(path.join(home, 'bin'));
    writeFileSync(path.join(home, 'bin/php'), '#!/bin/sh\n', { mode: 0o755 });
    expect(await reasonFor(path.join(home, 'bin/php'))).toContain(`${home} uid ${someone}`);
    const link = path.join(tempDir(), 'php');
    symlinkSync(path.join(home, 'bin/php'), link);
    expect(await reasonFor(link)).toContain(`${link} uid ${someone} may change`);
  });

  it('is not run: a group or everyone may write', async () => {
    for (const mode of [0o777, 0o775]) {
      const binary = interpreter('');
      chownSync(binary, 0, someone);
      chmodSync(binary, mode);
      expect(await reasonFor(binary)).toContain(`${binary} users other than root may change`);
    }
  });

  it('is not run: php.ini, or the place where one could be put', async () => {
    const directory = iniDirectory('');
    chownSync(path.join(directory, 'php.ini'), someone, someone);
    expect(await refusal({ override: directory })).toContain(
      `${directory}/php.ini uid ${someone} may change`,
    );
    const empty = tempDir();
    chmodSync(empty, 0o1777);
    expect(await refusal({ override: empty })).toContain(
      `${empty}/php-cli.ini, which is missing, users other than root may create`,
    );
    expect(await refusal({ environment: new Map([['PHPRC', '/tmp/not-there']]) })).toContain(
      'users other than root may create',
    );
    expect(await refusal({ environment: new Map([['PHP_INI_SCAN_DIR', empty]]) })).toContain(
      `${empty} users other than root may change`,
    );
    expect(await refusal({ override: 'relative' })).toContain('relative is a relative path');
  });

  it('is not run: an extension, by its path, in its directory, or missing', async () => {
    const hostile = tempDir();
    chownSync(hostile, someone, someone);
    writeFileSync(path.join(hostile, 'evil.so'), '');
    for (const [text, culprit] of [
      [`extension=${hostile}/evil.so`, `${hostile} uid ${someone}`],
      [`zend_extension=${hostile}/missing.so`, `${hostile} uid ${someone}`],
      [`extension_dir=${hostile}\nextension=evil`, `${hostile} uid ${someone}`],
      ['extension_dir=.\nextension=evil', './evil is a relative path'],
      ['extension=../evil.so', '../evil.so is a relative path'],
    ] as const) {
      expect(await refusal({ override: iniDirectory(text) })).toContain(culprit);
    }
  });

  it('is not run: the user’s own php.ini names the constructor of an extension', async () => {
    const directory = iniDirectory('extension=/tmp/evil.so\n');
    chownSync(directory, someone, someone);
    expect(await refusal({ override: directory })).toContain(`${directory} uid ${someone}`);
  });
});

describe('an interpreter that does not answer', () => {
  it.each([
    ['hangs', 'sleep 60', /did not answer within 500 ms/],
    ['hangs with a child that keeps its output', 'sleep 60 & wait', /did not answer within 500 ms/],
    [
      'ends, but leaves a child with its output',
      'sleep 3 & exit 0',
      /did not answer within 500 ms/,
    ],
    ['prints garbage', 'head -c 5000 /dev/urandom', /does not look like PHP/],
    ['prints nothing', 'true', /does not look like PHP/],
    ['prints without end', 'yes', /printed more than 10000 bytes/],
    ['fails', 'exit 3', /failed with status 3/],
    ['dies', 'kill -SEGV $$', /was ended by SIGSEGV|failed with status 139/],
    ['waits for input', 'cat', /does not look like PHP/],
  ])('and %s is given up, with the reason', async (_, body, reason) => {
    expect(await reasonFor(interpreter(body))).toMatch(reason);
  });

  it('because it is no program, is not there, or may not be run, is given up', async () => {
    const directory = tempDir();
    writeFileSync(path.join(directory, 'text'), 'x', { mode: 0o644 });
    expect(await reasonFor(path.join(directory, 'text'))).toMatch(
      /cannot be run: EACCES|status 12\d/,
    );
    expect(await reasonFor(directory)).toContain('not a regular file');
    expect(await reasonFor(path.join(directory, 'missing'))).toContain('ENOENT');
    expect(await reasonFor('php')).toContain('relative path');
  });

  it('leaves no process behind when it hangs', async () => {
    const file = path.join(tempDir(), 'pids');
    writeFileSync(file, '');
    chmodSync(file, 0o666);
    await reasonFor(interpreter(`sleep 61 & echo $! $$ > ${file}; wait`));
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.filter(isRunning), { timeout: 5_000 }).toEqual([]);
  });
});

/** Zombies that nobody has waited for do not count. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('runPhp', () => {
  it.skipIf(!isRoot)('runs as nobody, without groups, capabilities or new privileges', async () => {
    const groups = process.getgroups?.() ?? [];
    process.setgroups?.([4, ...groups]);
    const output = await runPhp(tree, command('cat /proc/self/status')).finally(() =>
      process.setgroups?.(groups),
    );
    const status = new Map(
      String(output)
        .split('\n')
        .map((line) => line.split(/:\s*/) as [string, string]),
    );
    expect(status.get('Uid')).toBe('65534\t65534\t65534\t65534');
    expect(status.get('Gid')).toBe('65534\t65534\t65534\t65534');
    expect(status.get('Groups')?.trim()).toBe('');
    expect(status.get('NoNewPrivs')).toBe('1');
    expect(status.get('CapEff')).toBe('0000000000000000');
    expect(status.get('CapPrm')).toBe('0000000000000000');
  });

  it.skipIf(!isRoot)('runs as nobody where there is no setpriv too, which is said', async () => {
    const without = new TreeWithoutSetpriv('/');
    const output = String(await runPhp(without, command('cat /proc/self/status')));
    expect(output).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(output).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m);
    expect(output).toMatch(/^Groups:\t *$/m);
    if (!hasPhp) return;
    const answer = await askCompiledIn(without, php);
    expect(answer).toMatchObject({
      warnings: [{ message: expect.stringContaining('without no_new_privs') }],
    });
  });

  it('passes arguments as they are, and an environment of PATH and what was given alone', async () => {
    const output = await runPhp(tree, {
      ...command('pwd; env | grep -v ^PWD= | grep -v ^_= | sort; printf "[%s]" "$@"'),
      args: ['$(id)', "a 'b", ''],
      environment: new Map([['PHPRC', '/x y']]),
    });
    expect(output).toBe("/\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nPHPRC=/x y\n[$(id)][a 'b][]");
  });

  it('refuses what cannot be an argument', async () => {
    const failure = await runPhp(tree, { ...command(''), args: ['\xff'] });
    expect(failure).toBeInstanceOf(RunFailure);
  });
});

/** As on a machine without util-linux. */
class TreeWithoutSetpriv extends FileTree {
  override find(place: string): Place | Unreadable {
    return place.endsWith('/setpriv') ? new Unreadable('ENOENT') : super.find(place);
  }
}

function command(body: string) {
  return { binary: interpreter(body), args: [], environment: new Map<string, string>() };
}
