/** The status page says everything without its script, and nothing that a store is called can change it. */
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { maxStoresShown, statusPage } from '../../../lib/telemetry/page.js';
import { pageScript } from '../../../lib/telemetry/page-script.js';
import { pageStyle } from '../../../lib/telemetry/page-style.js';
import { hostileId, monitorStatus, newStore, storeStatus } from '../../telemetry/statuses.js';

/** The page less its own script and style. */
function bodyOf(...given: Parameters<typeof monitorStatus>): string {
  return statusPage(monitorStatus(...given))
    .replace(pageScript, '')
    .replace(pageStyle, '');
}

/** The rows of the tables, as `label: text`. */
function rowsOf(page: string): string[] {
  return [...page.matchAll(/<th scope="row">(.*?)<\/th><td>(.*?)<\/td>/g)].map(
    ([, label, text]) => `${label}: ${text}`,
  );
}

describe('the page without its script', () => {
  it('tells all of a store in a table', () => {
    const page = bodyOf([
      storeStatus({ grace: 60, depth: 2, errors: { EACCES: 12 }, vanished: 5, wouldRemove: 7 }),
    ]);
    expect(rowsOf(page)).toEqual([
      'Sessions: 1,234,567',
      'Next expiry: in 12s',
      'Due soon: 6,059 in 10m, 9,689 in 1h',
      'Removed: 98,765 (386 MiB freed)',
      'Would remove: 7',
      'Lateness: p50 0.07 s, p99 0.9 s, max 3.21 s',
      'Oldest: 23m 59s',
      'Lifetime: 24m + 1m grace, depth 2',
      'Kept: in use 3',
      'Already gone: 5',
      'Errors: EACCES 12',
      'Scans: 4, last 10m ago (took 2.35 s)',
      'Next scan: in 13m 50s',
      'Index: 56.5 MiB',
      'Free inodes: 81.3 %',
      'Used by: php8.2-fpm pool www',
    ]);
  });

  it('tells no number that is not known', () => {
    expect(rowsOf(bodyOf([newStore({ usedBy: [] })]))).toEqual([
      'Sessions: –',
      'Next expiry: –',
      'Removed: 0',
      'Lateness: –',
      'Lifetime: 24m',
      'Scans: 0',
      'Index: 0 B',
    ]);
  });

  it('tells a problem in words, and first', () => {
    const page = bodyOf([
      storeStatus({ path: '/well' }),
      storeStatus({ path: '/ill', state: 'failing', problem: 'gone: make it again' }),
      storeStatus({ path: '/late', isOverdue: true }),
    ]);
    expect([...page.matchAll(/aria-label="(\/.*?)"/g)].map(([, path]) => path)).toEqual([
      '/ill',
      '/late',
      '/well',
    ]);
    expect(page).toContain('2 of 3 stores are not well');
    expect(page).toContain('</span> failing</span>');
    expect(page).toContain('</span> overdue, waiting</span>');
    expect(rowsOf(page)).toContain('Problem: gone: make it again');
  });

  it('tells of warnings, of stores that are left alone, and of a dry run', () => {
    const page = bodyOf([], {
      dryRun: true,
      warnings: ['a < b'],
      notCollected: [{ id: '/n', reason: 'lifetime 0' }],
    });
    expect(page).toContain('<li>No store was found yet.</li><li>a &#60; b</li>');
    expect(rowsOf(page)).toEqual(['/n: lifetime 0']);
    expect(page).toContain('Dry run: nothing is removed.');
  });

  it('shows as many stores as a browser bears', () => {
    const stores = Array.from({ length: maxStoresShown + 7 }, () => storeStatus());
    const page = bodyOf(stores);
    expect(page.match(/<section class="store"/g)).toHaveLength(maxStoresShown);
    expect(page).toContain('7 more stores: see <a href="api/status">');
  });
});

describe('what a store is called', () => {
  it.each(['id', 'path', 'problem', 'usedBy', 'errors'])('stays text as its %s', (field) => {
    const given = {
      id: { id: hostileId },
      path: { path: hostileId },
      problem: { state: 'failing' as const, problem: hostileId },
      usedBy: { usedBy: [hostileId] },
      errors: { errors: { [hostileId]: 1 } },
    }[field];
    expect(skeleton(bodyOf([storeStatus(given), storeStatus()]))).toEqual(
      skeleton(bodyOf([storeStatus(plain(given)), storeStatus()])),
    );
  });

  it('stays text in what is told of all', () => {
    const page = bodyOf([], {
      version: hostileId,
      warnings: [hostileId],
      notCollected: [{ id: hostileId, reason: hostileId }],
    });
    expect(page).not.toMatch(/<img|<script>alert|" ?onerror/);
  });
});

/** The tags of a page and their attributes, without the attributes' values. */
function skeleton(page: string): string[] {
  return [...page.matchAll(/<[!/]?[a-z][^<>]*>/gi)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'));
}

/** The same with a harmless name. */
function plain<T>(given: T): T {
  return JSON.parse(JSON.stringify(given).replaceAll(JSON.stringify(hostileId), '"harmless"'));
}

describe('the page as a document', () => {
  const page = statusPage(monitorStatus([storeStatus(), newStore()]));

  it('loads nothing from anywhere', () => {
    expect(page).not.toMatch(/\bsrc\s*=|<link|<img|<iframe|@import|url\(|<base|<form/i);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(new Set(links)).toEqual(new Set(['metrics', 'healthz', 'api/status']));
    expect(page.match(/https?:\/\/[^'"\s]+/g)).toEqual(['http://www.w3.org/2000/svg']);
  });

  it('has no style or handler in an attribute, which its policy would refuse', () => {
    expect(page.replace(pageScript, '')).not.toMatch(/<[^>]*\s(style|on[a-z]+)\s*=/i);
  });

  it('has a script that is whole, ends nowhere too soon, and makes no markup', () => {
    expect(() => new Script(pageScript)).not.toThrow();
    expect(pageScript).not.toMatch(
      /<\/script|<!--|innerHTML|insertAdjacentHTML|document\.write|eval/,
    );
    expect(pageStyle).not.toMatch(/<\//);
  });

  it('can be heard: a language, headings for rows and columns, names for tables', () => {
    expect(page).toContain('<html lang="en">');
    expect(page.match(/<caption/g)).toHaveLength(3);
    expect(page).toContain('<th role="columnheader" scope="col">Store</th>');
    expect(page).toContain('<th role="rowheader" scope="row">/var/lib/php/sessions</th>');
    expect(page).toContain('<div id="notice" class="notice" role="status">');
  });
});
