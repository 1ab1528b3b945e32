/** What a PHP program was built with, read from it as text; real programs are the oracle where there are any. */
import { chmodSync, chownSync, existsSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { askCompiledIn, type CompiledIn } from '../../../../lib/php/ask.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { compiledPaths } from '../../../../lib/php/installed/compiled-paths.js';
import { phpProgram } from '../../../support/php-program.js';
import { isRoot, treeOf, writeTree } from '../trees.js';

const opt = {
  sapi: 'cli',
  ini: '/opt/php/conf',
  scan: '/opt/php/conf/more',
  prefix: '/opt/php',
} as const;

function pathsOf(text: string) {
  return compiledPaths(treeOf({ '/php': text }), '/php');
}

describe('a PHP program', () => {
  for (const isNameFirst of [false, true]) {
    it(`shows its paths, ${isNameFirst ? 'names' : 'values'} first`, () => {
      expect(pathsOf(phpProgram({ ...opt, isNameFirst }))).toMatchObject({
        version: '8.2',
        iniPath: '/opt/php/conf',
        scanPath: '/opt/php/conf/more',
        sysconfDirectory: '/opt/php/etc',
        savePath: '',
        lifetime: '1440',
      });
    });
  }

  it('shows nothing for a path that is the same as another text of it', () => {
    const found = pathsOf(
      phpProgram({ ...opt, ini: '/opt/php/share/man', sysconf: '/opt/php/bin' }),
    );
    // phpinfo() prints that of php.ini, which comes before the constants.
    expect(found).toMatchObject({ iniPath: '/opt/php/share/man', sysconfDirectory: null });
  });

  it('shows no scan directory where it has none', () => {
    expect(pathsOf(phpProgram({ ...opt, scan: '' }))?.scanPath).toBe(null);
  });

  it('shows the defaults of sessions that its package changed', () => {
    const text = phpProgram({ ...opt, savePath: '/var/lib/php/s', lifetime: '7200' });
    expect(pathsOf(text)).toMatchObject({ savePath: '/var/lib/php/s', lifetime: '7200' });
  });

  for (const [configure, expected] of [
    [
      " './configure'  '--prefix=/usr/local/php82' '--with-config-file-scan-dir=/usr/local/php82/lib/php.conf.d' '--enable-fpm'",
      {
        iniPath: '/usr/local/php82/lib',
        scanPath: '/usr/local/php82/lib/php.conf.d',
        sysconfDirectory: '/usr/local/php82/etc',
      },
    ],
    [
      " '../configure' '--prefix=/usr' '--sysconfdir=/etc/php' '--with-layout=GNU' 'CFLAGS=-O2'",
      { iniPath: '/etc/php', scanPath: '', sysconfDirectory: '/etc/php' },
    ],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: configure's own.
      " './configure' '--prefix=/opt/p' '--with-config-file-path=/etc/p/' '--sysconfdir=${prefix}/conf'",
      { iniPath: '/etc/p', scanPath: '', sysconfDirectory: '/opt/p/conf' },
    ],
  ] as const) {
    it(`goes by what configure was given: ${configure}`, () => {
      expect(pathsOf(phpProgram({ ...opt, configure }))).toMatchObject(expected);
    });
  }

  it('is none without the constants, or as a script', () => {
    expect(pathsOf('\0no php\0')).toBe(null);
    expect(pathsOf(`#!/bin/sh\n${phpProgram(opt)}`)).toBe(null);
  });

  it.runIf(isRoot)('is not believed where others could have written it', () => {
    const root = writeTree({ '/theirs': phpProgram(opt), '/all': phpProgram(opt) });
    chownSync(`${root}/theirs`, 1001, 1001);
    chmodSync(`${root}/all`, 0o666);
    symlinkSync('theirs', `${root}/link`);
    const tree = new FileTree(root);
    for (const name of ['/theirs', '/all', '/link', '/none'])
      expect(compiledPaths(tree, name)).toBe(null);
  });
});

describe('the programs of this machine', () => {
  const host = new FileTree('/');
  const real = ['/usr/bin/php8.2', '/usr/bin/php8.3', '/usr/bin/php8.4'].find((file) =>
    existsSync(file),
  );

  it.skipIf(real === undefined)(
    'show what they say of themselves when they are asked',
    async () => {
      const asked = (await askCompiledIn(host, real ?? '')) as CompiledIn;
      const found = compiledPaths(host, real ?? '');
      expect(asked.searchDirs).toContain(found?.iniPath);
      expect(found?.scanPath).toBe(asked.scanPath);
      expect(found?.savePath).toBe(asked.settings.get('session.save_path')?.value);
      expect(found?.lifetime).toBe(asked.settings.get('session.gc_maxlifetime')?.value);
      expect(asked.version.startsWith(`${found?.version}.`)).toBe(true);
    },
  );

  for (const [name, sapi] of [
    ['/usr/sbin/php-fpm8.2', 'fpm'],
    ['/usr/bin/php-cgi8.2', 'cgi'],
    ['/usr/lib/cgi-bin/php8.2', 'cgi'],
    ['/usr/lib/apache2/modules/libphp8.2.so', 'apache2'],
  ] as const) {
    it.skipIf(!existsSync(name))(`${name} shows where its own SAPI looks`, () => {
      const found = compiledPaths(host, name);
      expect(found).toMatchObject({
        sapi,
        iniPath: `/etc/php/8.2/${sapi}`,
        scanPath: `/etc/php/8.2/${sapi}/conf.d`,
        sysconfDirectory: '/etc',
        savePath: '/var/lib/php/sessions',
      });
      expect(found?.fpmName('8.2')).toBe(
        sapi === 'fpm' ? 'php/8.2/fpm/php-fpm.conf' : 'php-fpm.conf',
      );
    });
  }
});
