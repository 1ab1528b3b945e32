/**
 * The alerts and the dashboard that come with sescle: promtool plays the alerts, and a real Prometheus that
 * scrapes a real sescle answers every query of the dashboard.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const path = (inside: string) => fileURLToPath(new URL(`../../${inside}`, import.meta.url));
const alerts = path('etc/prometheus/alerts.yml');
const played = path('test/dashboards/alerts.test.yml');

interface Target {
  readonly expr: string;
  readonly refId: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly Target[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
}

const dashboard = JSON.parse(readFileSync(path('etc/grafana/sescle.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
};

describe.skipIf(!requireTool('promtool'))('the alerts', () => {
  test('are rules without a fault', () => {
    expect(execFileSync('promtool', ['check', 'rules', alerts], { encoding: 'utf8' })).toMatch(
      /SUCCESS: 11 rules found/,
    );
  });

  test('fire where they should, and nowhere else', () => {
    execFileSync('promtool', ['test', 'rules', played], { stdio: 'pipe' });
  });

  test('are each played, as firing and as not', () => {
    const names = [...readFileSync(alerts, 'utf8').matchAll(/alert: (\w+)/g)].map(
      ([, name]) => name,
    );
    const text = readFileSync(played, 'utf8');
    for (const name of names) {
      expect(text).toMatch(new RegExp(`alertname: ${name}\\n +exp_alerts:\\n`));
      expect(text).toMatch(new RegExp(`alertname: ${name}, exp_alerts: \\[\\]`));
    }
  });
});

describe('the dashboard', () => {
  test('has panels that Grafana has, each once, none over another', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { type, title, description, gridPos } of panels) {
      expect(['row', 'stat', 'table', 'timeseries']).toContain(type);
      if (type !== 'row') expect(description, title).toBeTruthy();
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(x).toBeLessThan(24);
          expect(taken.has(`${x},${y}`), title).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  test('asks the data source that is chosen, by variables that it has', () => {
    const known = dashboard.templating.list.map(({ name }) => name);
    expect(known).toEqual(['datasource', 'instance', 'store']);
    for (const { targets = [], title, datasource } of dashboard.panels) {
      if (targets.length > 0) expect(datasource?.uid, title).toBe(`\${datasource}`);
      for (const { expr } of targets) {
        for (const [, name = ''] of expr.matchAll(/\$(?!__)(\w+)/g)) expect(known).toContain(name);
      }
    }
  });

  test.skipIf(!requireTool('prometheus'))(
    'has every query answered by a Prometheus that scrapes sescle',
    { timeout: 120_000 },
    async () => {
      const prometheus = await scrapingPrometheus(await troubledSescle());
      const questions = dashboard.panels.flatMap(({ title, targets = [] }) =>
        targets.map(({ expr, refId }) => ({ name: `${title} ${refId}`, expr: filledIn(expr) })),
      );
      const unanswered = new Map(questions.map(({ name, expr }) => [name, expr]));
      for (const start = Date.now(); unanswered.size > 0 && Date.now() - start < 90_000; ) {
        for (const [name, expr] of unanswered) {
          const { status, data, error, warnings, infos } = await prometheus(expr);
          expect({ status, error, warnings, infos }, `${name}: ${expr}`).toEqual({
            status: 'success',
          });
          if (data.result.some(hasNumber)) unanswered.delete(name);
        }
        await pause(500);
      }
      expect([...unanswered]).toEqual([]);
      expect(questions.length).toBeGreaterThan(20);
      for (const { definition } of dashboard.templating.list) {
        const [, metric = '', label = ''] =
          /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
        if (metric === '') continue;
        const { data } = await prometheus(filledIn(metric));
        expect(data.result.every((one) => label in one.metric)).toBe(true);
        expect(data.result.length).toBeGreaterThan(0);
      }
    },
  );
});

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

interface Reply {
  readonly status: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  readonly data: { readonly result: readonly Sample[] };
}

function hasNumber({ value: [, text] }: Sample): boolean {
  return text !== 'NaN';
}

/** What Grafana puts in place of the variables. */
function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '20s')
    .replaceAll('$__range', '1m')
    .replace(/\$(instance|store)\b/g, '.*');
}

/** A monitor with sessions that fall due each second, a store that is missing and one that goes. */
async function troubledSescle(): Promise<string> {
  const root = tempDir();
  const [store, going] = ['/srv/busy', '/srv/going'].map((inside) => `${root}${inside}`);
  for (const directory of [`${root}/etc/sescle`, store, going]) {
    mkdirSync(directory ?? '', { recursive: true });
  }
  const stores = ['/srv/busy', '/srv/going', '/srv/missing'];
  writeFileSync(
    `${root}/etc/sescle/sescle.toml`,
    stores.map((inside) => `[[store]]\npath = "${inside}"\nlifetime = "5s"\n`).join('\n'),
  );
  let written = 0;
  const writing = setInterval(() => {
    written += 1;
    writeSession(store ?? '', `s${written}`);
  }, 200);
  onTestFinished(() => clearInterval(writing));
  const run = startCli(['watch', '--root', root, '--http', '127.0.0.1:0', '--state', tempDir()]);
  onTestFinished(async () => {
    run.kill('SIGKILL');
    await run.ended;
  });
  const [, address = ''] = await run.awaitStderr(/answering at (127\.0\.0\.1:\d+)/);
  for (;;) {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    if (/sescle_sessions\{store="[^"]*going"\} 0/.test(text)) break;
    await pause(50);
  }
  renameSync(going ?? '', `${going}.away`);
  return address;
}

/** @returns what asks it a query, at this moment */
async function scrapingPrometheus(target: string): Promise<(query: string) => Promise<Reply>> {
  const directory = tempDir();
  const port = await freePort();
  writeFileSync(
    join(directory, 'prometheus.yml'),
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: sescle
    static_configs: [{ targets: ['${target}'] }]
`,
  );
  await startProgram(
    [
      'prometheus',
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    /Server is ready to receive web requests/,
  );
  return async (query) => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    return (await (await fetch(url)).json()) as Reply;
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
