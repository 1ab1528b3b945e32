import { describe, expect, it } from 'vitest';
import { programOf, withoutDeleted } from '../../../../lib/php/processes/program.js';

const of = (path: string) => {
  const program = programOf(path);
  return program === undefined ? undefined : `${program.sapi} ${program.version}`;
};

describe('a program’s path', () => {
  it('tells the SAPI and the version of each distributor’s PHP', () => {
    expect(of('/usr/sbin/php-fpm8.2')).toBe('fpm 8.2');
    expect(of('/usr/sbin/php-fpm82')).toBe('fpm 8.2');
    expect(of('/usr/sbin/php-fpm')).toBe('fpm null');
    expect(of('/usr/local/sbin/php-fpm')).toBe('fpm null');
    expect(of('/opt/remi/php83/root/usr/sbin/php-fpm')).toBe('fpm 8.3');
    expect(of('/opt/plesk/php/8.1/sbin/php-fpm')).toBe('fpm 8.1');
    expect(of('/opt/cpanel/ea-php74/root/usr/bin/php-cgi')).toBe('cgi 7.4');
    expect(of('/opt/alt/php56/usr/bin/php-cgi')).toBe('cgi 5.6');
    expect(of('/usr/bin/php-cgi8.4')).toBe('cgi 8.4');
    expect(of('/usr/local/lsws/lsphp81/bin/lsphp')).toBe('litespeed 8.1');
    expect(of('/usr/bin/lsphp8.2')).toBe('litespeed 8.2');
    expect(of('/usr/bin/php8.10')).toBe('cli 8.10');
    expect(of('/usr/bin/php')).toBe('cli null');
    expect(of('/usr/bin/php.default')).toBe('cli null');
    expect(of('/usr/sbin/apache2')).toBe('apache2 null');
    expect(of('/usr/sbin/httpd.worker')).toBe('apache2 null');
    // openSUSE's
    expect(of('/usr/sbin/httpd-prefork')).toBe('apache2 null');
    expect(of('/usr/local/bin/frankenphp')).toBe('frankenphp null');
  });

  it('is no PHP’s where its name is another', () => {
    for (const path of [
      '/usr/bin/phpunit',
      '/usr/bin/php-config8.2',
      '/bin/bash',
      '/php/8.2/bin/sh',
      '',
    ])
      expect(of(path)).toBeUndefined();
  });

  it('is that of a replaced program too', () => {
    expect(withoutDeleted('/usr/sbin/php-fpm8.2 (deleted)')).toBe('/usr/sbin/php-fpm8.2');
  });
});
