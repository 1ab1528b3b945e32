/** Save paths mean what they mean to PHP, or are refused with a remedy. */
import { describe, expect, test } from 'vitest';
import { SescleError } from '../../../lib/errors.js';
import { maxDepth, parseSavePath } from '../../../lib/stores/save-path.js';
import { fc } from '../../support/fast-check.js';

describe('parseSavePath', () => {
  test.each([
    ['/var/lib/php', '/var/lib/php', 0, null],
    ['sessions', 'sessions', 0, null],
    ['2;/s', '/s', 2, null],
    ['0;/s', '/s', 0, null],
    ['2;0600;/s', '/s', 2, 0o600],
    ['249;7777;/s', '/s', 249, 0o7777],
    ['2;0600;/a;b;c', '/a;b;c', 2, 0o600],
    ['002;/s', '/s', 2, null],
    [';/s', '/s', 0, null],
    ['+1;/s', '/s', 1, null],
    [' 1;/s', '/s', 1, null],
    ['1 ;/s', '/s', 1, null],
    ['1;;/s', '/s', 1, 0],
    ['1;+600;/s', '/s', 1, 0o600],
    ['./2', './2', 0, null],
    ['/srv/../x//y/', '/srv/../x//y/', 0, null],
  ])('reads %s', (text, path, depth, mode) => {
    expect(parseSavePath(text)).toEqual({ path: Buffer.from(path), depth, mode, text });
    expect(parseSavePath(Buffer.from(text))).toEqual({
      path: Buffer.from(path),
      depth,
      mode,
      text,
    });
  });

  test.each([
    ['', /is empty/, /give the directory/],
    ['2', /names no directory, only a number/, /quote the ; as in '2;\/path' .*\.\/2/],
    ['2;0600', /only numbers/, /quote the ; as in '2;0600;\/path'/],
    ['2;', /names no directory/, /after the last ;/],
    ['2;0600;', /names no directory/, /after the last ;/],
    ['/a;b', /depth '\/a' is not a number/, /0;0600;/],
    ['-1;/s', /depth '-1'/, /DEPTH/],
    ['1x;/s', /depth '1x'/, /DEPTH/],
    ['x;/s', /depth 'x'/, /DEPTH/],
    ['+;/s', /depth '\+'/, /DEPTH/],
    ['+-1;/s', /depth '\+-1'/, /DEPTH/],
    ['250;/s', /depth '250' is not a number from 0 to 249/, /DEPTH/],
    ['99999999999999999999;/s', /depth/, /DEPTH/],
    ['2;0800;/s', /mode '0800' is not an octal number/, /MODE/],
    ['2;10000;/s', /mode '10000'/, /MODE/],
    ['2;/a;/b', /mode '\/a'/, /MODE/],
    ['/a\0b', /NUL byte/, /without/],
  ])('refuses %j', (text, message, remedy) => {
    const error = refusal(text);
    expect(error.code).toBe('ERR_INVALID_SAVE_PATH');
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
  });

  test('keeps bytes that are not UTF-8, and shows them escaped', () => {
    const parsed = parseSavePath(Buffer.from([0x32, 0x3b, 0x2f, 0xff, 0x0a]));
    expect(parsed.path).toEqual(Buffer.from([0x2f, 0xff, 0x0a]));
    expect(parsed.text).toBe('2;/\\xff\\n');
  });

  test('puts together again what it has taken apart', () => {
    const directory = fc
      .uint8Array({ minLength: 1, maxLength: 40 })
      .map((bytes) => Buffer.concat([Buffer.from('/'), bytes.filter((byte) => byte !== 0)]));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: maxDepth }),
        fc.integer({ min: 0, max: 0o7777 }),
        directory,
        (depth, mode, path) => {
          const savePath = Buffer.concat([Buffer.from(`${depth};${mode.toString(8)};`), path]);
          expect(parseSavePath(savePath)).toMatchObject({ depth, mode, path });
        },
      ),
    );
  });

  test('refuses with a one-line SescleError, or accepts, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          expect(parseSavePath(bytes).path.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(SescleError);
          expect(String(error)).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

function refusal(text: string): SescleError {
  try {
    parseSavePath(text);
  } catch (error) {
    if (error instanceof SescleError) return error;
  }
  throw new Error(`'${text}' was not refused`);
}
