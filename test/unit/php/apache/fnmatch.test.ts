import { describe, expect, it } from 'vitest';
import { isPattern, matchesEntry, matchesPath } from '../../../../lib/php/apache/fnmatch.js';

describe('Apache’s patterns', () => {
  it('match within one part of a path', () => {
    expect(matchesPath('/home/*/www', '/home/bob/www')).toBe(true);
    expect(matchesPath('/home/*', '/home/bob/www')).toBe(false);
    expect(matchesPath('/srv/?[a-c][!0-9]', '/srv/xbz')).toBe(true);
    expect(matchesPath('/srv/?[a-c][!0-9]', '/srv/xb7')).toBe(false);
  });

  it('take a star for a leading dot only where a whole path is matched', () => {
    expect(matchesEntry('*.conf', '.hidden.conf')).toBe(false);
    expect(matchesEntry('.*.conf', '.hidden.conf')).toBe(true);
    expect(matchesPath('/srv/*', '/srv/.git')).toBe(true);
  });

  it('take a backslash to mean the next character', () => {
    expect(isPattern('a\\*')).toBe(false);
    expect(matchesEntry('a\\*', 'a*')).toBe(true);
    expect(matchesEntry('a\\*', 'ab')).toBe(false);
  });

  it('take a bracket that is never closed for itself', () => {
    expect(isPattern('a[b')).toBe(false);
    expect(matchesEntry('a[b', 'a[b')).toBe(true);
  });

  it('take no time to speak of, however many stars they have', () => {
    const started = performance.now();
    expect(matchesEntry(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
