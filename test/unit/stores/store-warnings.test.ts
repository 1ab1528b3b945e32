/**
 * What people are told about a store, and that nobody can drown it.
 */
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../lib/php/file-tree.js';
import { writeTree } from '../php/trees.js';
import { type Given, merged, only, usageOf } from './usages.js';

type Settings = Readonly<Record<string, Given>>;

/** The warnings of the store that usages with these settings share. */
function warningsOf(all: readonly Settings[], mode = 0o755): readonly string[] {
  const root = writeTree({ '/srv/a': null });
  chmodSync(path.join(root, 'srv/a'), mode);
  const tree = new FileTree(root);
  return only(
    merged(
      all.map((settings, index) =>
        usageOf({
          label: `php${index}`,
          tree,
          settings: { path: '/srv/a', lifetime: '1440', ...settings },
        }),
      ),
    ),
  ).warnings;
}

describe("PHP's own collector", () => {
  it('is told where it is on, with its odds and their source', () => {
    expect(warningsOf([{ 'session.gc_probability': '1', 'session.gc_divisor': '1000' }])).toEqual([
      "PHP's own collector is on in php0 (1 in 1000 requests, /etc/php0.ini:4): it removes locked sessions too; set session.gc_probability = 0 and leave the work to sescle",
    ]);
  });

  it('is not told where it is off everywhere', () => {
    expect(warningsOf([{ 'session.gc_probability': '0' }, {}])).toEqual([]);
  });

  it('is told where it is on in one of several', () => {
    const warnings = warningsOf([
      { 'session.gc_probability': '0' },
      { 'session.gc_probability': '1K' },
    ]);
    expect(only(warnings)).toMatch(/^PHP's own collector is on in php1 \(1K in 100 requests/);
  });

  it('does nothing where directories are nested, which is told instead', () => {
    expect(warningsOf([{ path: '2;/srv/a', 'session.gc_probability': '1' }])).toEqual([
      "nested directories: PHP's own collector removes nothing here",
    ]);
  });

  it('is told beside nested directories where another PHP does not nest', () => {
    const on = { 'session.gc_probability': '1' };
    expect(warningsOf([{ path: '2;/srv/a', ...on }, on])).toEqual([
      "nested directories: PHP's own collector removes nothing here",
      expect.stringMatching(/^PHP's own collector is on in php1/),
    ]);
  });
});

describe('a directory that anyone may write to', () => {
  it('is told without the sticky bit alone', () => {
    expect(only(warningsOf([{}], 0o777))).toMatch(/without the sticky bit.*chmod \+t$/);
    expect(warningsOf([{}], 0o1777)).toEqual([]);
    expect(warningsOf([{}], 0o1733)).toEqual([]);
    expect(only(warningsOf([{}], 0o733))).toMatch(/without the sticky bit/);
  });
});

describe('lifetimes', () => {
  it('that differ are told with their sources, once each', () => {
    expect(
      warningsOf([{}, { lifetime: '7200' }, { lifetime: '1440' }, { lifetime: '2h' }]),
    ).toEqual([
      expect.stringContaining('session.gc_maxlifetime'),
      'different lifetimes for one directory: 1440 s for php0 (/etc/php0.ini:3), 7200 s for php1 (/etc/php1.ini:3), 2 s for php3 (/etc/php3.ini:3)',
    ]);
  });

  it('that are alike in other words are not told', () => {
    expect(warningsOf([{ lifetime: '1024' }, { lifetime: '1K' }])).toEqual([]);
  });

  it('under a minute are told', () => {
    expect(warningsOf([{ lifetime: '59' }])).toEqual(['sessions live only 59s']);
    expect(warningsOf([{ lifetime: '60' }])).toEqual([]);
  });

  it('that PHP complains about are told with their place', () => {
    expect(warningsOf([{ lifetime: 'soon' }])).toEqual([
      expect.stringMatching(/^\/etc\/php0\.ini:3: session\.gc_maxlifetime: .*digit/),
    ]);
  });
});

describe('what anyone can say', () => {
  const others = { path: { value: '7;/srv/a', setBy: 4711 }, 'session.gc_probability': '1' };

  it('is told, and takes no other warning away', () => {
    const warnings = warningsOf([{ 'session.gc_probability': '1' }, others]);
    expect(warnings).toEqual([
      expect.stringMatching(/^PHP's own collector is on in php0/),
      expect.stringMatching(/^php1 is ignored: uid 4711 chose this directory/),
    ]);
  });

  it('ten thousand times is told ten times', () => {
    const warnings = warningsOf([{}, ...Array.from({ length: 10_000 }, () => others)]);
    expect(warnings).toHaveLength(11);
    expect(warnings.at(-1)).toBe('and 9990 more like these');
  });

  it('about lifetimes ten thousand times fills no screen', () => {
    const settings = Array.from({ length: 10_000 }, (_, index) => ({
      lifetime: { value: String(index + 60), setBy: 4711 },
    }));
    const warnings = warningsOf([{}, ...settings]);
    expect(only(warnings)).toMatch(/^different lifetimes for one directory: .* more like these$/);
    expect(only(warnings).length).toBeLessThan(1000);
  });
});

it('a warning of a usage is told once, with its place', () => {
  const tree = new FileTree(writeTree({ '/srv/a': null }));
  const source = { kind: 'file', file: '/etc/pool.conf', line: 7 } as const;
  const usages = [1, 2].map((each) =>
    usageOf({
      label: `php${each}`,
      tree,
      settings: { path: '/srv/a', lifetime: '1440' },
      warnings: [{ message: 'it is broken', source }, { message: 'it has no place' }],
    }),
  );
  expect(only(merged(usages)).warnings).toEqual([
    '/etc/pool.conf:7: it is broken',
    'it has no place',
  ]);
});
