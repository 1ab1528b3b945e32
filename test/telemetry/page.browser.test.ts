/**
 * The status page in a real browser, under its own content security policy: it draws its charts,
 * takes new numbers, and the browser has nothing to complain of.
 *
 * The screenshots stay in SESCLE_ARTIFACTS, where it is given.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MonitorStatus } from '../../lib/monitor/status.js';
import { startHttpServer } from '../../lib/telemetry/http-server.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';
import { hostileId, monitorStatus, newStore, storeStatus } from './statuses.js';

const hasChromium = requireTool('chromium');
const run = promisify(execFile);

interface Visit {
  readonly dom: string;
  /** What the page or the browser wrote to the console. */
  readonly console: readonly string[];
}

/** Opens a page in a browser of its own, for some virtual seconds. */
async function visit(url: string, ...flags: readonly string[]): Promise<Visit> {
  const { stdout, stderr } = await run(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-extensions',
      '--disable-background-networking',
      '--no-first-run',
      '--hide-scrollbars',
      `--user-data-dir=${tempDir()}`,
      '--enable-logging=stderr',
      '--virtual-time-budget=21000',
      ...flags,
      url,
    ],
    { maxBuffer: 64 * 1024 * 1024, timeout: 50_000, killSignal: 'SIGKILL' },
  );
  return { dom: stdout, console: stderr.split('\n').filter((line) => /CONSOLE/.test(line)) };
}

/** A busy monitor: every snapshot is two seconds after the one before. */
function busyMonitor(): () => MonitorStatus {
  let asked = 0;
  return () => {
    asked += 1;
    const base = monitorStatus();
    const nowMs = base.nowMs + asked * 2000;
    const removed = 98_765 + asked * 40 + Math.round(30 * Math.sin(asked));
    return monitorStatus(
      [
        storeStatus({
          sessions: 1_234_567 + Math.round(900 * Math.sin(asked / 3)),
          removed,
          nextExpiryAt: nowMs / 1000 + 1,
        }),
        newStore({ id: '/srv/new', path: '/srv/new', usedBy: [] }),
        storeStatus({
          id: hostileId,
          path: hostileId,
          state: 'failing',
          problem: '/srv/shop cannot be opened: permission denied; run sescle as root',
          sessions: 41,
          depth: 2,
          errors: { EACCES: 12 },
        }),
      ],
      {
        nowMs,
        warnings: ['/etc/php/8.2/fpm/pool.d/www.conf:12 names a directory that does not exist'],
        notCollected: [{ id: '/srv/forever', reason: 'session.gc_maxlifetime is 0' }],
      },
    );
  };
}

async function serve(): Promise<string> {
  const errors: unknown[] = [];
  const server = await startHttpServer({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    snapshot: busyMonitor(),
    onError: (error) => errors.push(error),
    limits: { snapshotPeriodMs: 0 },
  });
  onTestFinished(async () => {
    await server.close();
    expect(errors).toEqual([]);
  });
  return server.address.kind === 'tcp' ? `http://127.0.0.1:${server.address.port}/` : '';
}

function artifacts(): string {
  const directory = process.env['SESCLE_ARTIFACTS'] ?? tempDir();
  mkdirSync(directory, { recursive: true });
  return directory;
}

describe.skipIf(!hasChromium)('the status page in a browser', () => {
  it('draws five charts a store, and the console stays empty', async () => {
    const { dom, console } = await visit(await serve(), '--dump-dom');
    expect(console).toEqual([]);
    expect(dom.match(/<svg /g)).toHaveLength(3 * 5);
    expect(dom).toMatch(/<html lang="en" class="scripted">/);
    expect(dom).toMatch(/aria-label="Sessions: 1,23\d,\d{3} now, 1,23\d,\d{3} to 1,23\d,\d{3}"/);
    expect(dom).toMatch(/aria-label="Removed per second: [\d.]+ now, at most [\d.]+"/);
    expect(dom).toContain('aria-label="Lateness of removals: p50 0.07 s, p99 0.9 s, max 3.21 s"');
    expect(dom).toMatch(/aria-label="Expiries in the next hour: [\d,]+ in all"/);
    expect(dom).toContain('aria-label="Since sessions were last written: most up to 10m"');
    // A line of several points: it went on asking.
    expect(dom.match(/class="line" d="M[^"]*"/)?.[0].split('L').length).toBeGreaterThan(4);
  });

  it("takes the tables' new numbers from the page", async () => {
    const url = await serve();
    const first = /process 4321/.test(await (await fetch(url)).text());
    expect(first).toBe(true);
    const { dom } = await visit(url, '--dump-dom');
    expect(dom).not.toContain('At 2026-01-02T03:04:09Z');
    expect(dom).toMatch(/At 2026-01-02T03:0[45]:\d\dZ/);
    expect(dom).toMatch(/<div id="notice" class="notice" role="status"><\/div>/);
  });

  it('runs nothing that a store is called', async () => {
    const { dom } = await visit(await serve(), '--dump-dom');
    expect(dom).not.toMatch(/<img|<script>alert/);
    expect(dom).toContain('/srv/"&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('says so when sescle does not answer any more', async () => {
    const url = await serve();
    const page = await fetch(url);
    const body = await page.text();
    const headers = { 'Content-Type': 'text/html; charset=utf-8' };
    const policy = page.headers.get('content-security-policy') ?? '';
    const server = createServer(({ url: path }, response) => {
      if (path === '/') response.writeHead(200, { ...headers, 'Content-Security-Policy': policy });
      else response.writeHead(503, headers);
      response.end(path === '/' ? body : '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { dom } = await visit(`http://127.0.0.1:${port}/`, '--dump-dom');
    expect(dom).toMatch(/role="status">No answer: what is shown is not new\. \(api\/status was/);
  });

  it('is stopped by its policy from running anything else, and that would be seen here', async () => {
    const page = await fetch(await serve());
    const body = (await page.text()).replace('</main>', '</main><script>document.title=1</script>');
    const policy = page.headers.get('content-security-policy') ?? '';
    const server = createServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { console } = await visit(`http://127.0.0.1:${port}/`, '--dump-dom');
    expect(console.join('\n')).toMatch(/Content Security Policy/);
  });

  it.each([
    { name: 'light-wide', size: '1280,1500', flags: [] },
    { name: 'dark-wide', size: '1280,1500', flags: ['--force-dark-mode'] },
    { name: 'light-phone', size: '390,2600', flags: [] },
    { name: 'dark-phone', size: '390,2600', flags: ['--force-dark-mode'] },
  ])('can be looked at: $name', async ({ name, size, flags }) => {
    const file = join(artifacts(), `status-${name}.png`);
    const { console } = await visit(
      await serve(),
      `--screenshot=${file}`,
      `--window-size=${size}`,
      ...flags,
    );
    expect(console).toEqual([]);
    expect(statSync(file).size).toBeGreaterThan(20_000);
  });
});
