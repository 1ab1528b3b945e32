/**
 * sescle started with an environment and in a directory that an attacker has filled: NODE_OPTIONS and
 * LD_PRELOAD that load their code, a PATH with their programs, their php.ini.
 *
 * What Node and the loader obey before sescle's first line nothing in sescle can undo: there the clean
 * environment protects that systemd gives to a service, which the units add nothing to (cron's and
 * sudo's are as clean). What sescle itself starts, PHP above all, gets an environment of its own. (Hostile
 * configuration: test/php/hostile-user.test.ts; hostile interpreters: test/php/ask.test.ts.)
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cliPath, requireBuild } from '../support/cli.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';
import { canAttack } from './attackers.js';
import { makeGround } from './ground.js';

const units = fileURLToPath(new URL('../../systemd/', import.meta.url));
const php = '/usr/bin/php';
/** What else sescle, Node or a shell could come to look for by its name. */
const planted = ['php', 'php8.2', 'php-fpm', 'setpriv', 'node', 'sh', 'bash', 'env', 'nsenter'];

type Environment = Readonly<Record<string, string>>;

interface Trap {
  readonly directory: string;
  readonly environment: Environment;
  /** Who fell into it since it was last asked, sorted. */
  marks(): string[];
}

function setTrap(): Trap {
  const { home: directory } = makeGround();
  const file = join(tempDir(), 'marks');
  const clear = () => {
    writeFileSync(file, '');
    // PHP is run as nobody.
    chmodSync(file, 0o666);
  };
  clear();
  for (const name of planted) {
    const script = `#!/bin/sh\necho 'PATH: ${name}' >>${file}\n`;
    writeFileSync(join(directory, name), script, { mode: 0o755 });
  }
  const source = join(import.meta.dirname, 'programs/planted.c');
  const library = join(directory, 'planted.so');
  execFileSync('gcc', ['-shared', '-fPIC', `-DMARKS="${file}"`, '-o', library, source]);
  const script = (how: string) =>
    `require('node:fs').appendFileSync(${JSON.stringify(file)}, ${JSON.stringify(`${how}\n`)});`;
  writeFileSync(join(directory, 'planted.cjs'), script('NODE_OPTIONS'));
  for (const module of ['commander', 'bindings', 'pino']) {
    mkdirSync(join(directory, 'node_modules', module), { recursive: true });
    writeFileSync(join(directory, 'node_modules', module, 'index.js'), script(module));
  }
  writeFileSync(join(directory, 'php.ini'), `session.save_path = ${directory}/by-php-ini\n`);
  writeFileSync(join(directory, 'sescle.toml'), `[[store]]\npath = "${directory}/by-toml"\n`);
  return {
    directory,
    environment: {
      PATH: `${directory}:${process.env['PATH']}`,
      NODE_OPTIONS: `--require=${directory}/planted.cjs`,
      NODE_PATH: join(directory, 'node_modules'),
      LD_PRELOAD: library,
      PHPRC: directory,
      PHP_INI_SCAN_DIR: directory,
      BASH_ENV: join(directory, 'sh'),
      ENV: join(directory, 'sh'),
      HOME: directory,
      XDG_CONFIG_HOME: directory,
    },
    marks() {
      const marks = readFileSync(file, 'utf8').split('\n').slice(0, -1).sort();
      clear();
      return [...new Set(marks)];
    },
  };
}

/** Runs `sescle ARGS...` in the attacker's directory. */
function sescle({ directory }: Trap, environment: Environment, ...args: readonly string[]) {
  requireBuild();
  const options = { cwd: directory, env: environment, encoding: 'utf8' } as const;
  return spawnSync(process.execPath, [cliPath, ...args], options);
}

/** The environment that systemd gives to a service of root's; its own, whatever the manager's is. */
function serviceEnvironment(unit: string, manager: Environment): Environment {
  const environment: Record<string, string> = {
    LANG: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
  for (const line of readFileSync(join(units, unit), 'utf8').split('\n')) {
    const [, how, value = ''] = /^(\w*Environment\w*)=(.*)$/.exec(line) ?? [];
    if (how === undefined) continue;
    if (how !== 'PassEnvironment') throw new Error(`${unit}: ${line}: not known to this test`);
    for (const name of value.split(/\s+/)) environment[name] = manager[name] ?? '';
  }
  return environment;
}

describe.skipIf(!canAttack() || !requireTool('php'))('in a hostile environment', () => {
  it('what sescle starts is not led astray', () => {
    const trap = setTrap();
    const { status, stdout } = sescle(trap, trap.environment, 'stores', '-v');
    expect(status).toBe(0);
    expect(stdout).toMatch(/php\S* -r/);
    expect(stdout).not.toContain(trap.directory);
    // Node itself, before sescle, and nothing that sescle started.
    expect(trap.marks()).toEqual(['LD_PRELOAD in node', 'NODE_OPTIONS']);

    const run = { env: trap.environment, stdio: 'ignore' } as const;
    spawnSync(php, ['-n', '-r', ''], run);
    spawnSync('/bin/sh', ['-c', 'php -v'], run);
    expect(trap.marks(), 'the control fell').toEqual([
      'LD_PRELOAD in php',
      'LD_PRELOAD in sh',
      'PATH: php',
    ]);
  });

  it('an interpreter of the attacker’s is not run, however it is named', () => {
    const trap = setTrap();
    const environment = { PATH: trap.environment['PATH'] ?? '' };
    for (const name of ['php', './php', join(trap.directory, 'php')]) {
      const { stderr } = sescle(trap, environment, 'stores', '-p', name);
      expect(stderr).toMatch(/php cannot be asked: .*(?:is a relative path|uid \d+ may change)/);
    }
    expect(trap.marks()).toEqual([]);
  });

  it('the directory that sescle is started in adds nothing', () => {
    const trap = setTrap();
    const { PATH = '' } = process.env;
    const { status, stdout } = sescle(trap, { PATH, HOME: trap.directory }, 'stores', '-v');
    expect(status).toBe(0);
    expect(stdout).not.toContain(trap.directory);
    expect(trap.marks()).toEqual([]);
  });

  it.each(readdirSync(units).filter((unit) => unit.endsWith('.service')))(
    'nothing of it gets through %s',
    (unit) => {
      const trap = setTrap();
      const environment = serviceEnvironment(unit, trap.environment);
      expect(sescle(trap, environment, 'stores').status).toBe(0);
      expect(trap.marks()).toEqual([]);

      sescle(trap, trap.environment, '-V');
      // As the first line of main.js says.
      spawnSync('/usr/bin/env', ['node', cliPath, '-V'], { env: { PATH: trap.directory } });
      expect(trap.marks(), 'the control fell').toEqual([
        'LD_PRELOAD in node',
        'NODE_OPTIONS',
        'PATH: node',
      ]);
    },
  );
});
