/** What PHP does where nothing is set; real PHP says the same of the temporary directory. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compiledInSettings, temporaryDirectory } from '../../../lib/php/compiled-in.js';
import type { Setting } from '../../../lib/php/provenance.js';
import type { SessionSettingName } from '../../../lib/php/usage.js';
import { requireTool } from '../../support/require-tool.js';

const hasPhp = requireTool('php');

function settings(values: Partial<Record<SessionSettingName, string>>) {
  const source = { kind: 'default', of: 'a test' } as const;
  return new Map(
    Object.entries(values).map(([name, value]): [SessionSettingName, Setting] => [
      name as SessionSettingName,
      { value, source, setBy: 0 },
    ]),
  );
}

describe('compiledInSettings', () => {
  it('has an empty save path upstream, and Debian’s directory in its packages', () => {
    expect(compiledInSettings('upstream').get('session.save_path')?.value).toBe('');
    expect(compiledInSettings('debian').get('session.save_path')).toEqual({
      value: '/var/lib/php/sessions',
      source: { kind: 'default', of: "Debian's PHP" },
      setBy: 0,
    });
  });
});

describe('temporaryDirectory', () => {
  it.each([
    ['', '', '/tmp'],
    ['', '/t/', '/t'],
    ['', '/t//', '/t/'],
    ['', '/', '/'],
    ['/s/', '/t', '/s'],
    ['s', '/t', 's'],
    ['/', '/t', '/t'],
    ['//', '/t', '/'],
  ])('with sys_temp_dir %j and TMPDIR %j is %s', (sysTempDir, tmpdir, directory) => {
    const values = settings({ sys_temp_dir: sysTempDir, TMPDIR: tmpdir });
    expect(temporaryDirectory(values).value).toBe(directory);
    if (!hasPhp) return;
    const said = execFileSync(
      'php',
      ['-n', '-d', `sys_temp_dir=${sysTempDir}`, '-r', 'echo sys_get_temp_dir();'],
      { env: { PATH: process.env['PATH'], TMPDIR: tmpdir }, encoding: 'utf8' },
    );
    expect(said === '' ? '/' : said).toBe(directory);
  });
});
