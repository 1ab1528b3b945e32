/**
 * How a pool's settings and php.ini's come together.
 */
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import type { FpmPool } from '../../../../lib/php/fpm/pool.js';
import { fpmUsages } from '../../../../lib/php/fpm/usages.js';
import type { Setter, Setting } from '../../../../lib/php/provenance.js';
import type { SessionSettings } from '../../../../lib/php/usage.js';

const tree = new FileTree('/');

function setting(value: string, setBy: Setter = 0): Setting {
  return { value, source: { kind: 'default', of: 'a test' }, setBy };
}

const base: SessionSettings = new Map([
  ['session.save_path', setting('/var/lib/php/sessions')],
  ['session.gc_maxlifetime', setting('1440')],
  ['TMPDIR', setting('/master')],
]);

function pool(changes: Partial<FpmPool>): FpmPool {
  return {
    name: 'www',
    user: { uid: 33, name: 'www-data' },
    group: null,
    prefix: null,
    chroot: null,
    chrootSetBy: 0,
    chdir: null,
    clearEnv: true,
    settings: new Map(),
    adminSettings: new Set(),
    source: { kind: 'file', file: '/etc/www.conf', line: 1 },
    isBroken: false,
    warnings: [],
    ...changes,
  };
}

function usage(changes: Partial<FpmPool>) {
  const [found] = fpmUsages([pool(changes)], base, { label: 'php8.2-fpm', tree });
  if (found === undefined) throw new Error('no usage');
  return found;
}

function values(settings: SessionSettings): Record<string, string> {
  return Object.fromEntries(Array.from(settings, ([name, { value }]) => [name, value]));
}

describe('the usage of a pool', () => {
  it('is named, and says whom the pool runs as', () => {
    expect(usage({ name: 'Shöp'.replace('ö', '\xc3\xb6') })).toMatchObject({
      label: 'php8.2-fpm pool Shöp',
      sapi: 'fpm',
      runsAs: { uid: 33, name: 'www-data' },
      chroot: null,
    });
  });

  it('has the pool’s values over php.ini’s, empty ones too', () => {
    const settings = new Map([['session.save_path', setting('')]] as const);
    expect(values(usage({ settings }).settings)).toEqual({
      'session.save_path': '',
      'session.gc_maxlifetime': '1440',
    });
  });

  it('has the master’s TMPDIR only where the pool keeps the environment', () => {
    expect(usage({}).settings.has('TMPDIR')).toBe(false);
    expect(usage({ clearEnv: false }).settings.get('TMPDIR')?.value).toBe('/master');
    const settings = new Map([['TMPDIR', setting('/own')]] as const);
    expect(usage({ settings }).settings.get('TMPDIR')?.value).toBe('/own');
  });

  it('has no path of root’s below a chroot that a user chose', () => {
    const { settings } = usage({ chroot: '/home/alice', chrootSetBy: 1001 });
    expect(settings.get('session.save_path')?.setBy).toBe(1001);
    expect(settings.get('session.gc_maxlifetime')?.setBy).toBe(0);
    const ofRoot = usage({ chroot: '/home/alice', chrootSetBy: 0 });
    expect(ofRoot.settings.get('session.save_path')?.setBy).toBe(0);
  });

  it('keeps the uid of who wrote a setting', () => {
    const settings = new Map([['session.gc_maxlifetime', setting('1', 1001)]] as const);
    expect(usage({ settings }).settings.get('session.gc_maxlifetime')?.setBy).toBe(1001);
  });
});
