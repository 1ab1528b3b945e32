import { describe, expect, it } from 'vitest';
import { readEnvvars } from '../../../../lib/php/apache/envvars.js';

/** Debian's own file, without its comments. */
const debian = `
unset HOME
if [ "\${APACHE_CONFDIR##/etc/apache2-}" != "\${APACHE_CONFDIR}" ] ; then
	SUFFIX="-\${APACHE_CONFDIR##/etc/apache2-}"
else
	SUFFIX=
fi
export APACHE_RUN_USER=www-data
export APACHE_RUN_DIR=/var/run/apache2$SUFFIX
## The locale used by some modules like mod_dav
export LANG=C
#. /etc/default/locale
export LANG
`;

function read(text: string, directory = '/etc/apache2'): Record<string, string> {
  const file = { path: '/etc/apache2/envvars', text, setBy: 0 };
  const environment = readEnvvars(file, new Map([['APACHE_CONFDIR', directory]]));
  return Object.fromEntries([...environment].map(([name, { value }]) => [name, value]));
}

describe('envvars', () => {
  it('of Debian gives what apache2ctl would export', () => {
    expect(read(debian)).toEqual({
      APACHE_RUN_USER: 'www-data',
      APACHE_RUN_DIR: '/var/run/apache2',
      LANG: 'C',
    });
  });

  it('of a second instance has its suffix', () => {
    expect(read(debian, '/etc/apache2-shop')['APACHE_RUN_DIR']).toBe('/var/run/apache2-shop');
  });

  it('resolves quotes, defaults and comments as a shell does', () => {
    const text = `A=1\nexport B="$A\${A}'\\$" # x\nexport C='$A "'\nexport D=\${NONE:-d};\nexport A`;
    expect(read(text)).toEqual({ A: '1', B: `11'$`, C: '$A "', D: 'd' });
  });

  it('leaves out what only a shell could tell, and what is not exported', () => {
    const text =
      'export A=$(id)\nexport B=`id`\nC=1\nexport D="x\nif [ -e /x ]; then\nexport E=1\nelse\nexport F=1\nfi\nexport G=1';
    expect(read(text)).toEqual({ G: '1' });
  });

  it('forgets what is unset', () => {
    expect(read('export A=1 \nexport B=2\nunset A')).toEqual({ B: '2' });
  });

  it('says who could have written a value, and where', () => {
    const file = { path: '/e', text: '\nexport TMPDIR=/x', setBy: 7 };
    expect(readEnvvars(file, new Map()).get('TMPDIR')).toEqual({
      value: '/x',
      source: { kind: 'file', file: '/e', line: 2 },
      setBy: 7,
    });
  });
});
