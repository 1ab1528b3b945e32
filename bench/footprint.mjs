/**
 * What a sweep costs the process that runs it: memory, the event loop, libuv's pool.
 *
 *   npm run bench:footprint [-- FILES]
 *
 * Fills stores below the temporary directory (an ext4 for the figures of the README), sweeps them
 * in processes of their own, prints each figure beside its limit and exits 1 where one is exceeded.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const library = new URL('../dist/index.js', import.meta.url).href;
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const many = Number(process.argv[2] ?? 1_000_000);
const few = 10_000;
const mebibyte = 2 ** 20;
const workplace = mkdtempSync(join(tmpdir(), 'sescle-footprint-'));

/** A flat store whose sessions are expired for a clock that is a day ahead. */
function fill(files) {
  const store = mkdtempSync(join(workplace, 'store-'));
  for (let i = 0; i < files; i++) {
    const id = `${i.toString(36).padStart(8, '0')}${'x'.repeat(24)}`;
    closeSync(openSync(join(store, `sess_${id}`), 'w', 0o600));
  }
  return store;
}

/** The kernel's own high-water mark of the memory of a process, in bytes, at its exit. */
function peakMemory(...args) {
  const file = join(workplace, 'peak');
  const hook = `import { readFileSync, writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(file)},
      /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));`;
  const options = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  run([...options, ...args]);
  return Number(readFileSync(file, 'utf8')) * 1024;
}

function run(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** A script with `sweep` and `aDayAhead` at hand; it prints one JSON value. */
function measure(script, ...args) {
  const preamble = `const { sweep } = await import(${JSON.stringify(library)});
    const { monitorEventLoopDelay } = await import('node:perf_hooks');
    const { promises: fs } = await import('node:fs');
    const aDayAhead = { maxLifetimeSeconds: 1440, clock: () => Date.now() / 1000 + 86400 };
    const stores = process.argv.slice(1);`;
  return JSON.parse(run(['--input-type=module', '-e', preamble + script, ...args]));
}

const eventLoopDelay = `
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const report = await sweep(stores[0], { ...aDayAhead, onProgress() {} });
  delay.disable();
  console.log(JSON.stringify({ maxMs: delay.max / 1e6, removed: report.totals.removed }));`;

const statDuringSweeps = `
  let isRunning = true;
  const sweeps = Promise.all(stores.map((store) => sweep(store, aDayAhead)));
  sweeps.finally(() => { isRunning = false; });
  const times = [];
  while (isRunning) {
    const begin = performance.now();
    await fs.stat('/');
    times.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  console.log(JSON.stringify({ maxMs: Math.max(...times), calls: times.length }));`;

let isWithinLimits = true;

function tell(what, value, limit, unit) {
  const isWithin = value < limit;
  isWithinLimits &&= isWithin;
  const figure = `${value.toFixed(1)} ${unit}`.padStart(12);
  console.log(
    `${what.padEnd(64)}${figure}   limit ${limit} ${unit}${isWithin ? '' : '  EXCEEDED'}`,
  );
}

/** The sweep of the command line, removing everything. */
function sweepPeak(files) {
  const store = fill(files);
  const aDayAgo = new Date(Date.now() - 86_400_000).toISOString();
  spawnSync('find', [store, '-name', 'sess_*', '-exec', 'touch', '-d', aDayAgo, '{}', '+']);
  const peak = peakMemory(cli, 'sweep', '-l', '1440', '-q', store);
  rmSync(store, { recursive: true });
  return peak;
}

try {
  const isExt4 = statfsSync(workplace).type === 0xef53;
  console.log(`${workplace} is ${isExt4 ? 'on ext4' : 'NOT on ext4'}, node ${process.version}`);
  const idle = median([1, 2, 3].map(() => peakMemory('-e', '0')));
  const small = median([1, 2, 3].map(() => sweepPeak(few)));
  const large = sweepPeak(many);
  console.log(`peak memory over ${many} files in all: ${(large / mebibyte).toFixed(0)} MiB`);
  tell(
    `peak memory over ${many} files, above that of node -e 0`,
    (large - idle) / mebibyte,
    48,
    'MiB',
  );
  tell(
    `peak memory over ${many} files, above that over ${few}`,
    (large - small) / mebibyte,
    24,
    'MiB',
  );
  const delay = measure(eventLoopDelay, fill(many));
  tell(`event loop blocked at most, sweep of ${delay.removed} files`, delay.maxMs, 50, 'ms');
  const stat = measure(statDuringSweeps, ...[1, 2, 3, 4].map(() => fill(many / 10)));
  tell(`slowest of ${stat.calls} fs.stat calls during four sweeps`, stat.maxMs, 50, 'ms');
} finally {
  rmSync(workplace, { recursive: true, force: true });
}
process.exitCode = isWithinLimits ? 0 : 1;
