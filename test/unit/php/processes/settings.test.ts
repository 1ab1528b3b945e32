import { describe, expect, it } from 'vitest';
import type { PhpProcess } from '../../../../lib/php/processes/process.js';
import { definesText, processSettings } from '../../../../lib/php/processes/settings.js';

function acted(changes: Partial<PhpProcess>, environment: Record<string, string> = {}): PhpProcess {
  return {
    pid: 7,
    startTicks: 1,
    sapi: 'cli',
    label: 'php8.2',
    exe: '/usr/bin/php8.2',
    version: '8.2',
    uid: 1000,
    setBy: 1000,
    master: null,
    arguments: ['php'],
    environment: new Map(Object.entries(environment)),
    title: null,
    workingDirectory: '/srv',
    root: '/',
    unit: null,
    ...changes,
  };
}

describe('what a process was given', () => {
  it('by -d and by TMPDIR are settings of its own word', () => {
    const words = [
      'php',
      '-dsession.save_path="2;/x"',
      '-d',
      'session.gc_maxlifetime=\x24{LIFE}',
      '-n',
    ];
    const { settings, iniOptions } = processSettings(
      acted({ arguments: words }, { LIFE: '60', TMPDIR: '/t' }),
    );
    const source = { kind: 'process', pid: 7 };
    expect([...settings]).toEqual([
      ['session.save_path', { value: '2;/x', source, setBy: 1000 }],
      ['session.gc_maxlifetime', { value: '60', source, setBy: 1000 }],
      ['TMPDIR', { value: '/t', source, setBy: 1000 }],
    ]);
    expect(iniOptions.noIni).toBe(true);
  });

  it('by -d holds the last time that it is said, and never for some requests only', () => {
    const words = ['-da=1', '-dsession.save_path=/a', '-dsession.save_path=/b', '-dsession.x=1'];
    const { settings } = processSettings(acted({ arguments: ['php', ...words] }));
    expect([...settings.values()].map(({ value }) => value)).toEqual(['/b']);
    const conditional = ['php', '-d', '[HOST=a]\nsession.save_path=/c'];
    expect(processSettings(acted({ arguments: conditional })).settings.size).toBe(0);
  });

  it('is written into the ini text as PHP does it', () => {
    expect(definesText(['a', 'b=', 'c=1', 'd=/x', 'e="q"', "f='q'", 'g=h=/i', 'é=é'])).toBe(
      'a=1\nb=\nc=1\nd="/x"\ne="q"\nf=\'q\'\ng=h=/i\né="é"\n',
    );
  });

  it('tells where its php.ini is, by its own working directory', () => {
    const environment = { PHPRC: 'conf', PHP_INI_SCAN_DIR: '' };
    const { iniOptions } = processSettings(
      acted({ arguments: ['php', '-c', '/etc/x.ini'] }, environment),
    );
    expect(iniOptions).toEqual({
      path: '/etc/x.ini',
      phprc: '/srv/conf',
      noIni: false,
      scanDir: '',
      defines: '',
    });
    const unknown = acted({ arguments: ['php', '-c.'], workingDirectory: null }, { PHPRC: '' });
    expect(processSettings(unknown).iniOptions).toMatchObject({
      path: '.',
      phprc: null,
      scanDir: null,
    });
  });

  it('tells FPM’s configuration by its arguments or its title', () => {
    const hidden = { sapi: 'fpm', arguments: null, environment: null } as const;
    const of = (changes: Partial<PhpProcess>) => processSettings(acted(changes)).fpm;
    expect(of({ ...hidden, title: 'php-fpm: master process (/a (b)/fpm.conf)' })).toEqual({
      configFile: '/a (b)/fpm.conf',
      prefix: null,
    });
    expect(of({ ...hidden, title: 'php-fpm: master process (fpm.conf)' })?.configFile).toBe(
      '/srv/fpm.conf',
    );
    // What FPM went by itself, whatever its service says now.
    const both = { ...hidden, arguments: ['php-fpm', '-y', '/new'] };
    expect(of({ ...both, title: 'php-fpm: master process (/old)' })?.configFile).toBe('/old');
    // Without an environment there is not room for all of the title.
    expect(of({ ...hidden, title: 'php-fpm: master process (/fpm.conf' })?.configFile).toBeNull();
    expect(of({ sapi: 'fpm', arguments: ['php-fpm', '-y', '/f', '-pp'] })).toEqual({
      configFile: '/f',
      prefix: '/srv/p',
    });
  });

  it('tells Apache’s configuration, whose -c and -d are not PHP’s', () => {
    const words = ['apache2', '-k', 'start', '-d', '/etc/apache2', '-c', 'Listen 1'];
    const { apache, iniOptions, settings, fpm } = processSettings(
      acted({ sapi: 'apache2', arguments: words }, { TMPDIR: '/t' }),
    );
    expect(apache).toMatchObject({ serverRoot: '/etc/apache2', directivesAfter: ['Listen 1'] });
    expect(iniOptions).toMatchObject({ path: null, defines: '' });
    expect(settings.get('TMPDIR')?.value).toBe('/t');
    expect(fpm).toBeNull();
  });
});
