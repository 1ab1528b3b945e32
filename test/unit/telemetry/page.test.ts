/** The status page says everything without its script, and nothing that a store is called can change it. */
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { MonitorStatus } from '../../../lib/monitor/status.js';
import { History } from '../../../lib/telemetry/history.js';
import { statusPage as pageOf, storePage } from '../../../lib/telemetry/page.js';
import { maxStoresShown } from '../../../lib/telemetry/page-overview.js';
import { pageScript } from '../../../lib/telemetry/page-script.js';
import { pageStyle } from '../../../lib/telemetry/page-style.js';
import { hostileId, monitorStatus, newStore, storeStatus } from '../../telemetry/statuses.js';

function statusPage(status: MonitorStatus): string {
  return pageOf(status, (id) => new History().of(id));
}

/** The page less its own script and style. */
function bodyOf(...given: Parameters<typeof monitorStatus>): string {
  return statusPage(monitorStatus(...given))
    .replace(pageScript, '')
    .replace(pageStyle, '');
}

/** The lines of the table of all stores: their cells as text, without those that are empty. */
function linesOf(page: string): string[][] {
  return [...page.matchAll(/<tr role="row" class="row".*?<\/tr>/gs)].map(([row]) =>
    row
      .split(/<\/t[hd]>/)
      .map((cell) => cell.replace(/<[^>]*>/g, ''))
      .filter((cell) => cell.trim() !== ''),
  );
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
    ]);
  });

  it('tells a problem in words, and first', () => {
    const problem = { trouble: 'missing', problem: 'gone: make it again' } as const;
    const nextExpiryAt = monitorStatus().nowMs / 1000 - 70;
    const page = bodyOf(
      [
        storeStatus({ path: '/well' }),
        storeStatus({ path: '/ill', state: 'failing', ...problem }),
        storeStatus({ path: '/late', isOverdue: true, nextExpiryAt }),
      ],
      { blocked: [{ id: '/gone', reason: 'no such directory' }] },
    );
    expect(page).toContain('3 of 4 stores are not well');
    expect(linesOf(page)).toEqual([
      ['/gonecannot be watched: no such directory', '▲ not watched', '–', '–', '–', '–', '–'],
      ['/illgone: make it again', '▲ missing', '1,234,567', '98,765', 'in 12s', '0.9 s'],
      ['/late', '▲ late by 1m 10s', '1,234,567', '98,765', '1m 10s ago', '0.9 s'],
      ['/well', '● on time', '1,234,567', '98,765', 'in 12s', '0.9 s'],
    ]);
  });

  it('has a page for each store, where all of it is', () => {
    const problem = { state: 'failing', problem: 'gone: make it again' } as const;
    const page = storePage(storeStatus(problem), 0, (id) => new History().of(id));
    expect(rowsOf(page)[0]).toBe('Problem: gone: make it again');
    expect(page).toContain('<a href="./">All stores</a>');
  });

  it('is that of a store where there is no other', () => {
    const page = bodyOf([storeStatus()]);
    expect(linesOf(page)).toEqual([]);
    expect(rowsOf(page)[0]).toBe('Sessions: 1,234,567');
  });

  it('draws how the sessions went, in words too', () => {
    const history = new History();
    const status = (at: number, sessions: number) =>
      monitorStatus([storeStatus({ sessions }), storeStatus({ id: '/b' })], { nowMs: at * 60_000 });
    for (const [at, sessions] of [10, 30, 20].entries()) history.add(status(at, sessions));
    const page = pageOf(status(3, 20), (id) => history.of(id));
    expect(page).toContain('aria-label="sessions: 10 2m ago, 20 now; 10 to 30"');
    expect(page).toContain('d="M2 18L45 2L88 10"');
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
    expect(linesOf(page)).toHaveLength(maxStoresShown);
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
  const all = [storeStatus(), newStore({ id: '/new', path: '/new' })];
  const page = statusPage(monitorStatus(all));

  it('loads nothing from anywhere', () => {
    expect(page).not.toMatch(/\bsrc\s*=|<link|<img|<iframe|@import|url\(|<base|<form/i);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(new Set(links)).toEqual(
      new Set([
        'metrics',
        'healthz',
        'api/status',
        '?store=%2Fvar%2Flib%2Fphp%2Fsessions',
        '?store=%2Fnew',
      ]),
    );
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
    expect(page.match(/<caption/g)).toHaveLength(1);
    expect(page).toContain('<th role="columnheader" scope="col" data-sort="up">Store</th>');
    expect(page).toMatch(
      /<th role="rowheader" scope="row"><a href="[^"]+">\/var\/lib\/php\/sessions</,
    );
    expect(page).toContain('<div id="notice" class="notice" role="status">');
  });
});
