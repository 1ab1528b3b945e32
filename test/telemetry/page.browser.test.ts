/**
 * The status page in a real browser, under its own content security policy: the table of all stores can be
 * sorted, filtered and unfolded, takes new numbers, holds 200 stores on a phone, and the browser has
 * nothing to complain of.
 *
 * The screenshots stay in SESCLE_ARTIFACTS, where it is given.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MonitorStatus } from '../../lib/monitor/status.js';
import { History } from '../../lib/telemetry/history.js';
import { type Answer, answersFrom } from '../../lib/telemetry/http-answers.js';
import { securityHeaders } from '../../lib/telemetry/http-headers.js';
import { openPage, type Page, type View } from '../support/browser.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';
import { manyStores } from './many-stores.js';
import { hostileId, monitorStatus, newStore, storeStatus } from './statuses.js';

const hasChromium = requireTool('chromium');
const wide: View = { width: 1280, height: 900 };
const phone: View = { width: 375, height: 812 };

/** A server as the monitor's, with an hour of history. */
async function serve(
  snapshot: () => MonitorStatus,
  change: (answer: Answer, url: string) => Answer = (answer) => answer,
): Promise<string> {
  const history = new History();
  for (let at = 0; at < 90; at += 1) history.add(snapshot());
  const answer = answersFrom(
    {
      snapshot,
      summary: snapshot,
      store: (id) => snapshot().stores.find((one) => one.id === id) ?? null,
      historyOf: (id) => history.of(id),
    },
    0,
    () => performance.now(),
  );
  const server = createServer(async ({ method, url = '' }, response) => {
    const { status, contentType, body } = change(await answer(method, url), url);
    response.writeHead(status, { ...securityHeaders, 'Content-Type': contentType });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}/`;
}

async function visit(url: string, view: View = wide): Promise<Page> {
  const page = await openPage(view);
  await page.go(url);
  return page;
}

function artifacts(): string {
  const directory = process.env['SESCLE_ARTIFACTS'] ?? tempDir();
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** The names of the lines that are shown, from the top. */
function shownRows(page: Page): Promise<string[]> {
  return page.value(
    `[...document.querySelectorAll('.row:not([hidden])')].map((row) => row.cells[0].firstChild.textContent)`,
  );
}

/** A busy monitor with one name that wants to get out of its place. */
function busyMonitor(): () => MonitorStatus {
  let asked = 0;
  return () => {
    asked += 1;
    const nowMs = monitorStatus().nowMs + asked * 2000;
    return monitorStatus(
      [
        storeStatus({
          sessions: 1_234_567 + Math.round(900 * Math.sin(asked / 3)),
          removed: 98_765 + asked * 40 + Math.round(30 * Math.sin(asked)),
          nextExpiryAt: nowMs / 1000 + 1,
        }),
        newStore({ id: '/srv/new', path: '/srv/new', usedBy: [] }),
        storeStatus({
          id: hostileId,
          path: hostileId,
          state: 'failing',
          trouble: 'unreadable',
          problem: '/srv/shop cannot be opened: permission denied; run sescle as root',
          sessions: 41,
          depth: 2,
          errors: { EACCES: 12 },
        }),
      ],
      { nowMs, notCollected: [{ id: '/srv/forever', reason: 'session.gc_maxlifetime is 0' }] },
    );
  };
}

describe.skipIf(!hasChromium)('the status page in a browser', () => {
  it('unfolds a store to its table and its charts, and folds it again', async () => {
    const page = await visit(await serve(busyMonitor()));
    const link = '.row[data-store="/var/lib/php/sessions"] a';
    await page.until('document.querySelector(".row a[aria-expanded]")');
    expect(await page.value('document.querySelectorAll("figure").length')).toBe(0);
    await page.click(link);
    await page.until('document.querySelectorAll(".detail svg").length === 5');
    const labels = await page.value<string[]>(
      '[...document.querySelectorAll("figure svg")].map((svg) => svg.getAttribute("aria-label"))',
    );
    expect(labels).toEqual([
      expect.stringMatching(/^Sessions: 1,23\d,\d{3} now, 1,23\d,\d{3} to 1,23\d,\d{3}$/),
      expect.stringMatching(/^Removed per second: [\d.]+ now, at most [\d.]+$/),
      'Lateness of removals: p50 0.07 s, p99 0.9 s, max 3.21 s',
      expect.stringMatching(/^Expiries in the next hour: [\d,]+ in all$/),
      'Since sessions were last written: most up to 10m',
    ]);
    await page.click(link);
    expect(await page.value('document.querySelectorAll(".detail").length')).toBe(0);
    expect(page.console).toEqual([]);
  });

  it('has no room for charts that would be empty', async () => {
    const page = await visit(await serve(busyMonitor()));
    await page.until('document.querySelector(".row a[aria-expanded]")');
    await page.click('.row[data-store="/srv/new"] a');
    await page.until('document.querySelector(".detail .store table")');
    expect(await page.value('document.querySelectorAll(".detail figure").length')).toBe(0);
    expect(
      await page.value('document.querySelector(".detail .charts").getBoundingClientRect().height'),
    ).toBe(0);
  });

  it('takes new numbers, and keeps what the reader chose', async () => {
    const page = await visit(await serve(manyStores(20)));
    await page.until('document.querySelector(".row a[aria-expanded]")');
    await page.value(
      'for (const row of document.querySelectorAll(".row")) row.dataset.seen = "before"',
    );
    await page.click('.row[data-store="/var/www/site-010/sessions"] a');
    await page.value(
      'const i = document.querySelector("#filter"); i.value = "site-01"; i.dispatchEvent(new Event("input")); i.focus()',
    );
    const before = await page.value<string>('document.querySelector("header").textContent');
    await page.until(`document.querySelector("header").textContent !== ${JSON.stringify(before)}`);
    expect((await shownRows(page)).sort()).toEqual(
      Array.from({ length: 10 }, (_, at) => `/var/www/site-01${at}/sessions`),
    );
    expect(await page.value('document.activeElement.id')).toBe('filter');
    expect(await page.value('document.querySelector("output").textContent')).toBe(
      '10 of 21 stores',
    );
    expect(await page.value('document.querySelectorAll(".detail:not([hidden])").length')).toBe(1);
    // The same lines, not others in their place.
    expect(await page.value('document.querySelectorAll("[data-seen]").length')).toBe(21);
    expect(page.console).toEqual([]);
  });

  it('sorts by a head: as it says, the other way round, and as it was', async () => {
    const page = await visit(await serve(manyStores(20)));
    await page.until('document.querySelector("thead button")');
    const worstFirst = await shownRows(page);
    expect(worstFirst.slice(0, 6)).toEqual([
      '/mnt/backup/sessions',
      '/var/www/site-001/sessions',
      '/var/www/site-002/sessions',
      '/var/www/site-006/sessions',
      '/var/www/site-007/sessions',
      '/var/www/site-005/sessions',
    ]);
    const sessions = 'thead th:nth-child(3) button';
    await page.click(sessions);
    const largestFirst = await shownRows(page);
    expect(largestFirst[0]).toBe('/var/www/site-003/sessions');
    // What is not known is last, whichever way.
    expect(largestFirst.slice(-4).sort()).toEqual([
      '/mnt/backup/sessions',
      '/var/www/site-001/sessions',
      '/var/www/site-002/sessions',
      '/var/www/site-005/sessions',
    ]);
    expect(
      await page.value('document.querySelector("[aria-sort]").getAttribute("aria-sort")'),
    ).toBe('descending');
    await page.click(sessions);
    expect((await shownRows(page))[0]).toBe('/var/www/site-020/sessions');
    await page.click(sessions);
    expect(await shownRows(page)).toEqual(worstFirst);
  });

  it('shows only what is not on time', async () => {
    const page = await visit(await serve(manyStores(20)));
    await page.until('document.querySelector("input[type=checkbox]")');
    await page.click('input[type=checkbox]');
    expect(await shownRows(page)).toHaveLength(5);
  });

  it('has a page for each store', async () => {
    const page = await visit(
      `${await serve(manyStores(20))}?store=${encodeURIComponent('/var/www/site-010/sessions')}`,
    );
    await page.until('document.querySelectorAll("figure").length === 5');
    expect(await page.value('document.title')).toBe('sescle: /var/www/site-010/sessions');
    const before = await page.value<string>('document.querySelector("main > p").textContent');
    await page.until(
      `document.querySelector("main > p").textContent !== ${JSON.stringify(before)}`,
    );
    expect(page.console).toEqual([]);
  });

  it('runs nothing that a store is called', async () => {
    const page = await visit(await serve(busyMonitor()));
    await page.until('document.querySelector(".row a[aria-expanded]")');
    await page.click('.row a');
    await page.until('document.querySelector(".detail figure")');
    expect(await page.value('document.querySelectorAll("img, main script").length')).toBe(0);
    expect(await page.value('document.querySelector(".row").dataset.store')).toBe(hostileId);
    expect(page.console).toEqual([]);
  });

  it('says so when sescle does not answer any more', async () => {
    let isDown = false;
    const url = await serve(busyMonitor(), (answer) =>
      isDown ? { status: 503, contentType: 'text/plain', body: '' } : answer,
    );
    const page = await visit(url);
    isDown = true;
    await page.until('document.querySelector("#notice").textContent !== ""');
    expect(await page.value('document.querySelector("#notice").textContent')).toBe(
      'No answer: the page is out of date. (./ was answered with 503)',
    );
    isDown = false;
    await page.until('document.querySelector("#notice").textContent === ""');
  });

  it('is stopped by its policy from running anything else, and that would be seen here', async () => {
    const url = await serve(busyMonitor(), (answer) => ({
      ...answer,
      body: answer.body.replace('</main>', '</main><script>document.title=1</script>'),
    }));
    const page = await visit(url);
    expect(page.console.join('\n')).toMatch(/Content Security Policy/);
  });

  it('holds 200 stores on a phone: no line is cut off, and the end is in reach', async () => {
    const page = await visit(await serve(manyStores(200)), phone);
    await page.until('document.querySelector(".row a[aria-expanded]")');
    expect(await shownRows(page)).toHaveLength(201);
    expect(await page.value('document.documentElement.scrollWidth')).toBe(375);
    expect(await page.value('document.documentElement.scrollHeight')).toBeLessThan(15_000);
    await page.click('.row[data-store="/var/www/site-010/sessions"] a');
    await page.until('document.querySelectorAll(".detail figure").length === 5');
    expect(await page.value('document.documentElement.scrollWidth')).toBe(375);
  });

  it('is a table without JavaScript', async () => {
    const page = await openPage({ ...phone, hasScripts: false });
    await page.go(await serve(manyStores(200)));
    expect(await shownRows(page)).toHaveLength(201);
    expect(await page.value('document.querySelectorAll("button, input").length')).toBe(0);
    expect(await page.value('document.querySelectorAll(".spark").length')).toBeGreaterThan(190);
    expect(await page.value('document.documentElement.scrollWidth')).toBe(375);
    await page.go(await page.value('document.querySelector(".row a").href'));
    expect(await page.value('document.querySelector(".store table").textContent')).toMatch(
      /Problem.*permission denied/s,
    );
  });

  it('paints 200 stores; how soon is in first-paint.txt of SESCLE_ARTIFACTS', async () => {
    const url = await serve(manyStores(200));
    const page = await openPage(wide);
    const milliseconds: number[] = [];
    for (let sample = 0; sample < 11; sample += 1) {
      await page.go(`${url}?sample=${sample}`);
      const paint = 'performance.getEntriesByName("first-contentful-paint")[0]?.startTime';
      await page.until(`${paint} > 0 && location.search === "?sample=${sample}"`);
      milliseconds.push(await page.value<number>(paint));
    }
    const sorted = [...milliseconds].sort((a, b) => a - b);
    const text = `first contentful paint, ms: median ${sorted[5]}, of ${milliseconds.join(', ')}\n`;
    writeFileSync(join(artifacts(), 'first-paint.txt'), text);
  });

  it.each(
    [1, 20, 200].flatMap((count) => [
      { count, name: 'wide', view: wide },
      { count, name: 'dark', view: { ...wide, isDark: true } },
      { count, name: 'narrow', view: phone },
    ]),
  )('can be looked at: $count stores, $name', async ({ count, name, view }) => {
    const file = join(artifacts(), `${count}-${name}.png`);
    const page = await visit(await serve(manyStores(count)), view);
    await page.until('document.documentElement.className === "scripted"');
    await page.until(
      count === 1
        ? 'document.querySelectorAll("figure").length === 5'
        : 'document.querySelector(".row a[aria-expanded]")',
    );
    await page.screenshot(file);
    expect(page.console).toEqual([]);
    expect(statSync(file).size).toBeGreaterThan(15_000);
  });
});
