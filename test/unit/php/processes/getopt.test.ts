import { describe, expect, it } from 'vitest';
import { phpOptions } from '../../../../lib/php/processes/getopt.js';

const read = (sapi: 'cli' | 'cgi' | 'fpm', ...words: string[]) =>
  phpOptions(sapi, words).map(({ name, value }) => `${name}=${value}`);

describe('PHP’s options', () => {
  it('have their value in the same word, behind an equals sign, or in the next', () => {
    expect(read('cli', '-c/etc', '-c=/etc', '-c', '/etc', '-d', 'a=b', '-da=b')).toEqual([
      'c=/etc',
      'c=/etc',
      'c=/etc',
      'd=a=b',
      'd=a=b',
    ]);
  });

  it('are known by their long names too', () => {
    expect(
      read('fpm', '--php-ini', '/a', '--define=x=y', '--fpm-config=/f', '--prefix', '/p'),
    ).toEqual(['c=/a', 'd=x=y', 'y=/f', 'p=/p']);
    expect(read('cgi', '--no-php-ini', '--bindpath=9000', '-n')).toEqual(['n=', 'b=9000', 'n=']);
  });

  it('stand several in a word, the last with a value', () => {
    expect(read('cli', '-nd', 'a=1', '-qnda=2')).toEqual(['n=', 'd=a=1', 'q=', 'n=', 'd=a=2']);
  });

  it('end at the script, at a lone dash and at two', () => {
    expect(read('cli', '-n', 'x.php', '-d', 'a=1')).toEqual(['n=']);
    expect(read('cli', '-n', '-', '-d', 'a=1')).toEqual(['n=']);
    expect(read('cli', '-n', '--', '-d', 'a=1')).toEqual(['n=']);
  });

  it('are not looked for in the values of others', () => {
    expect(read('cli', '-r', '-d', '-d', 'a=1', '-S', 'localhost:1')).toEqual([
      'r=-d',
      'd=a=1',
      'S=localhost:1',
    ]);
    expect(read('fpm', '-y', '-n', '-g', '-n')).toEqual(['y=-n', 'g=-n']);
  });

  it('may lack the value that they need, or be unknown, without a loss of the others', () => {
    expect(read('cli', '-n', '-d')).toEqual(['n=']);
    expect(read('cli', '--unknown=1', '-@', '-n')).toEqual(['n=']);
    expect(read('cli', '--define=', 'a=1', '--__proto__', '-n')).toEqual(['d=a=1', 'n=']);
  });
});
