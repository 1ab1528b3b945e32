/** An address to listen on is written out or refused with what to write; requests for others are told. */
import { describe, expect, it } from 'vitest';
import {
  isHostAllowed,
  isLoopback,
  type ListenAddress,
  listenAddressText,
  parseListenAddress,
} from '../../../lib/telemetry/listen-address.js';

function parsed(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if ('reason' in address) throw new Error(address.reason);
  return address;
}

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:9184', { kind: 'tcp', host: '127.0.0.1', port: 9184 }],
    ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
    ['[::1]:9184', { kind: 'tcp', host: '::1', port: 9184 }],
    ['0.0.0.0:65535', { kind: 'tcp', host: '0.0.0.0', port: 65_535 }],
    ['[2001:db8::7]:80', { kind: 'tcp', host: '2001:db8::7', port: 80 }],
    ['unix:/run/sescle/http.sock', { kind: 'unix', path: '/run/sescle/http.sock' }],
  ])('reads %s, and writes it the same', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
    expect(listenAddressText(parsed(text))).toBe(text);
  });

  it.each([
    ['9184', 'names no address', 'write 127.0.0.1:9184'],
    [':9184', 'names no address', 'write 127.0.0.1:9184'],
    ['*:9184', 'names no address', 'write 127.0.0.1:9184'],
    ['localhost:9184', 'is not an address', 'write 127.0.0.1:9184'],
    ['http://127.0.0.1:9184', 'is not an address', 'write 127.0.0.1:9184'],
    ['127.1:9184', 'is not an address', 'write 127.0.0.1:9184'],
    ['0127.0.0.1:9184', 'is not an address', 'write 127.0.0.1:9184'],
    ['[127.0.0.1]:9184', 'is not an address', 'write 127.0.0.1:9184'],
    ['[fe80::1%eth0]:9184', 'is not an address', 'write 127.0.0.1:9184'],
    ['[::1]', 'has no port', 'write [::1]:9184'],
    ['127.0.0.1', 'has no port', 'write 127.0.0.1:9184'],
    ['::1', 'is not clear', 'write brackets: [::1]:9184'],
    ['127.0.0.1:65536', 'has no valid port', 'at most 65535'],
    ['127.0.0.1:-1', 'is not an address', 'unix:/'],
    ['127.0.0.1:', 'is not an address', 'unix:/'],
    ['127.0.0.1:9184/', 'is not an address', 'unix:/'],
    [' 127.0.0.1:9184', 'is not an address', '127.0.0.1:9184'],
    ['', 'is not an address', '127.0.0.1:9184, [::1]:9184 or unix:/run/sescle/http.sock'],
    ['unix:', 'names no absolute path', 'unix:/run'],
    ['unix:run.sock', 'names no absolute path', 'unix:/run'],
    ['unix:/run/', 'names no absolute path', 'unix:/run'],
    ['unix:/run/a\0b', 'names no absolute path', 'unix:/run'],
    [`unix:/${'é'.repeat(54)}`, 'is too long', 'at most 107 bytes'],
  ])('refuses %j: it %s', (text, reason, remedy) => {
    expect(parseListenAddress(text)).toEqual({
      reason: expect.stringContaining(reason),
      remedy: expect.stringContaining(remedy),
    });
  });

  it('takes a path as long as the kernel does', () => {
    expect(parseListenAddress(`unix:/${'a'.repeat(106)}`)).toMatchObject({ kind: 'unix' });
    expect(parseListenAddress(`unix:/${'a'.repeat(107)}`)).toHaveProperty('reason');
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1:1', '127.255.3.4:1', '[::1]:1', '[::ffff:127.0.0.1]:1', 'unix:/a'])(
    'is true of %s',
    (text) => expect(isLoopback(parsed(text))).toBe(true),
  );
  it.each(['0.0.0.0:1', '[::]:1', '192.0.2.1:1', '128.0.0.1:1', '[2001:db8::1]:1'])(
    'is false of %s',
    (text) => expect(isLoopback(parsed(text))).toBe(false),
  );
});

describe('isHostAllowed', () => {
  it.each([
    ['127.0.0.1:9184', '127.0.0.1:9184'],
    ['127.0.0.1:9184', '127.0.0.1'],
    ['127.0.0.1:9184', 'localhost:8080'],
    ['127.0.0.1:9184', 'LOCALHOST'],
    ['127.0.0.1:9184', '[::1]:9184'],
    ['[::1]:9184', '[0:0:0:0:0:0:0:1]:9184'],
    ['192.0.2.1:9184', '192.0.2.1:9184'],
    ['[2001:db8::7]:80', '[2001:DB8:0::7]'],
    ['0.0.0.0:9184', '198.51.100.7:9184'],
    ['[::]:9184', '[2001:db8::7]:9184'],
    ['unix:/run/a', 'anything'],
  ])('at %s takes %s', (address, host) => {
    expect(isHostAllowed(host, parsed(address))).toBe(true);
  });

  it.each([
    ['127.0.0.1:9184', 'evil.example'],
    ['127.0.0.1:9184', 'evil.example:9184'],
    ['127.0.0.1:9184', 'localhost.evil.example'],
    ['127.0.0.1:9184', '127.0.0.1.evil.example'],
    ['127.0.0.1:9184', '127.0.0.1@evil.example'],
    ['127.0.0.1:9184', 'evil.example@127.0.0.1'],
    ['127.0.0.1:9184', '192.0.2.1'],
    ['127.0.0.1:9184', '127.0.0.1:evil'],
    ['127.0.0.1:9184', '[::1'],
    ['127.0.0.1:9184', ''],
    ['127.0.0.1:9184', undefined],
    ['192.0.2.1:9184', '192.0.2.2:9184'],
    ['0.0.0.0:9184', 'evil.example:9184'],
  ])('at %s refuses %s', (address, host) => {
    expect(isHostAllowed(host, parsed(address))).toBe(false);
  });
});
