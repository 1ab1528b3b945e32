/** What a running PHP's own variables tell of how it was started. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../lib/php/file-tree.js';
import { readPhpStart } from '../../lib/php/processes/php-memory.js';
import { ProcFiles } from '../../lib/php/processes/proc-files.js';
import { findPhpFpm, startPhpFpm } from '../support/php-fpm.js';
import { fpmConfiguration } from '../support/pool-config.js';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { tempDir } from '../support/temp-dir.js';

const phpFpm = findPhpFpm() ?? '';
const hasPhp = requireTool('php');
const isRoot = process.getuid?.() === 0;

function startOf(pid: number, sapi: 'fpm' | 'cli') {
  const start = readPhpStart(new ProcFiles('/proc', pid), sapi);
  return start instanceof Unreadable ? start.reason : start;
}

function writeFile(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe.skipIf(!isRoot || phpFpm === '')('an FPM that hides its arguments', () => {
  const configured = () => {
    const directory = tempDir();
    const pools = [{ name: 'www', user: 'www-data' }];
    return {
      directory,
      config: writeFile(path.join(directory, 'fpm.conf'), fpmConfiguration(directory, pools)),
    };
  };

  it('shows the php.ini and the -d that it was started with', async () => {
    const { directory, config } = configured();
    const ini = writeFile(path.join(directory, 'my.ini'), '');
    const scanned = path.dirname(writeFile(path.join(directory, 'conf.d/a.ini'), ''));
    const defines = ['session.gc_maxlifetime=7777', 'session.save_path=/a b', 'x'];
    const { pid } = await startPhpFpm(phpFpm, config, {
      arguments: ['-c', ini, ...defines.flatMap((define) => ['-d', define])],
      env: { PHP_INI_SCAN_DIR: scanned, LIFE: '86400' },
    });
    const environment = new Map([
      ['PHP_INI_SCAN_DIR', scanned],
      ['LIFE', '86400'],
    ]);
    expect(startOf(pid, 'fpm')).toEqual({
      mainFile: ini,
      scanDirectories: [scanned],
      defines: ['session.gc_maxlifetime=7777', 'session.save_path="/a b"', 'x=1'],
      environment,
    });
  });

  it('shows that it was started without any', async () => {
    const { config } = configured();
    const { pid } = await startPhpFpm(phpFpm, config, { arguments: ['-n'] });
    expect(startOf(pid, 'fpm')).toEqual({
      mainFile: null,
      scanDirectories: [],
      defines: [],
      environment: new Map(),
    });
  });
});

describe.skipIf(!hasPhp)('a program', () => {
  it('that is another SAPI, or none, is not taken for FPM', async () => {
    const { pid } = await startProgram(['php', '-r', "echo 'ready'; fgets(STDIN);"], /ready/);
    expect(startOf(pid, 'fpm')).toBe('ENOEXEC');
    expect(startOf(pid, 'cli')).toMatchObject({ mainFile: expect.stringMatching(/php\.ini$/) });
    expect(startOf(process.pid, 'fpm')).toMatch(/ENOEXEC|not a program/);
  });

  it('that has ended is no error', () => {
    expect(startOf(2 ** 22 + 1, 'fpm')).toBe('ENOENT');
  });
});
