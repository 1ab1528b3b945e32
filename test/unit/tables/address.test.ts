import { describe, expect, test } from 'vitest';
import { addressText, parseAddress } from '../../../lib/tables/address.js';

describe('an address', () => {
  test.each([
    [
      'mysql://sescle@localhost/shop',
      { family: 'mysql', host: 'localhost', user: 'sescle', database: 'shop', tls: 'off' },
    ],
    [
      'mariadb://db.example/shop',
      { family: 'mysql', host: 'db.example', user: null, tls: 'verify' },
    ],
    [
      'postgres://u@db:6432/shop?sslmode=require',
      { family: 'postgresql', host: 'db', port: 6432, tls: 'on' },
    ],
    ['postgresql://u@[fd00::1]/shop', { host: 'fd00::1' }],
    [
      'postgres:///shop?host=/run/postgresql',
      { host: null, socket: '/run/postgresql', tls: 'off' },
    ],
    ['postgres:///shop?socket=/run/postgresql/.s.PGSQL.5432', { socket: '/run/postgresql' }],
    [
      'mysql://u@localhost/shop?socket=/run/mysqld/mysqld.sock',
      { host: null, socket: '/run/mysqld/mysqld.sock', tls: 'off' },
    ],
    ['mysql://a%40b@localhost/sh%2Fop', { user: 'a@b', database: 'sh/op' }],
    [
      'sqlite:/srv/shop/database.sqlite',
      { family: 'sqlite', database: '/srv/shop/database.sqlite' },
    ],
    [
      'sqlite:///srv/shop/database.sqlite',
      { family: 'sqlite', database: '/srv/shop/database.sqlite' },
    ],
    [
      'mysql://h/d?sslrootcert=/etc/ca.pem',
      { tlsFiles: { ca: '/etc/ca.pem', certificate: null, key: null } },
    ],
  ])('%s', (text, expected) => {
    expect(parseAddress(text)).toMatchObject(expected);
  });

  test.each([
    'mysql://root:secret@localhost/shop',
    'mysql://localhost/',
    'mysql://localhost/shop?socket=run',
    'mysql://localhost/shop?tls=yes',
    'mysql://localhost/shop?sslmode=prefer',
    'redis://localhost/shop',
    'sqlite:shop.sqlite',
    'shop',
    'mysql://%zz@localhost/shop',
  ])('%s is refused, without being repeated', (text) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
    );
    expect(() => parseAddress(text)).not.toThrow(/secret/);
  });

  test('is shown without its user', () => {
    expect(addressText(parseAddress('postgres://u@db:6432/shop?sslmode=require'))).toBe(
      'postgres://db:6432/shop',
    );
    expect(addressText(parseAddress('sqlite:///a'))).toBe('sqlite:/a');
  });
});
