/**
 * What N shards of one store cost together, beside one sweep of all of it.
 *
 *   node bench/shards.mjs [FILES] [SHARDS] [DIRECTORY]
 *
 * Two stores of expired sessions (default 1,000,000) in DIRECTORY (default /dev/shm), one in one directory
 * and one of depth 2, are each swept whole, and then, filled again, by all shards (default 16) one after the
 * other, each a process of its own. System calls are counted by strace over a fourth of the files. What a
 * process costs that does nothing, and what one costs that reads all names and looks at none or one, is said beside.
 *
 * Invariant: it fails unless the shards together have removed exactly what one sweep removes, each file once.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fill } from './expired-store.mjs';

const files = Number(process.argv[2] ?? 1_000_000);
const shards = Number(process.argv[3] ?? 16);
const directory = process.argv[4] ?? '/dev/shm';
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const work = mkdtempSync(`${directory}/sescle-shards-`);
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** One process: its report, and its time by the clock and of processors, in seconds. */
function sweep(savePath, shard, { before = [], options = [] } = {}) {
  // -q: without it each process also looks for PHP's own lifetime, which has nothing to do with shards.
  const args = ['sweep', '-q', '-l', '24m', '--json', '--state', work, savePath];
  const command = [...before, process.execPath, cli, ...args, ...options];
  if (shard !== null) command.push('--shard', shard);
  const script = 'TIMEFORMAT="%R %U %S"; time "$@"';
  const env = { ...process.env, LC_ALL: 'C' };
  const end = spawnSync('bash', ['-c', script, 'bash', ...command], { env, maxBuffer: 2 ** 26 });
  if (end.status !== 0) throw new Error(`sescle failed: ${end.stderr}`);
  const [wall, user, system] = end.stderr.toString().trim().split('\n').at(-1).split(' ');
  const { totals, stores } = JSON.parse(end.stdout.toString());
  const { protocol } = stores[0];
  return { totals, protocol, wall: Number(wall), processor: Number(user) + Number(system) };
}

/** The processor time of one that does nearly nothing: the median of five. */
function processorOf(savePath, shard) {
  const times = Array.from(
    { length: 5 },
    () => sweep(savePath, shard, { options: ['--dry-run'] }).processor,
  );
  return times.sort((a, b) => a - b)[2];
}

/** How often statx and unlinkat were called. */
function callsOf(savePath, shard) {
  const trace = `${work}/trace`;
  const strace = ['strace', '-f', '-c', '-U', 'calls,name', '-o', trace, '--seccomp-bpf'];
  strace.push('-e', 'trace=statx,unlinkat');
  sweep(savePath, shard, { before: strace });
  const table = spawnSync('cat', [trace]).stdout.toString();
  const count = (name) => Number(new RegExp(`^\\s*(\\d+)\\s+${name}$`, 'm').exec(table)?.[1] ?? 0);
  return count('statx') + count('unlinkat');
}

function left(store) {
  return readdirSync(store, { recursive: true }).filter((name) => name.includes('sess_')).length;
}

function check(isTrue, what) {
  if (!isTrue) throw new Error(`does not hold: ${what}`);
}

const each = Array.from({ length: shards }, (_, index) => `${index}/${shards}`);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

const rounded = (number) => Number(number.toFixed(2));
/** Of so many shards, one holds one of a million names, or none. */
const hardlyAny = '0/1000000';

for (const [name, depth] of [
  ['one directory', 0],
  ['depth 2', 2],
]) {
  const store = `${work}/store`;
  const savePath = `${depth};${store}`;
  fill(store, depth, 0);
  const start = processorOf(savePath, null);
  fill(store, depth, files);
  const reading = processorOf(savePath, hardlyAny) - start;
  const whole = sweep(savePath, null);
  check(whole.totals.removed === files, 'one sweep removes all');
  fill(store, depth, files);
  const ends = each.map((shard) => sweep(savePath, shard));
  check(sum(ends.map(({ totals }) => totals.removed)) === files, 'the sum of the removed');
  check(sum(ends.map(({ totals }) => totals.scanned)) === files, 'no file is in two shards');
  check(left(store) === 0, 'nothing is left');
  const few = Math.round(files / 4);
  fill(store, depth, few);
  const wholeCalls = callsOf(savePath, null);
  fill(store, depth, few);
  const calls = each.map((shard) => callsOf(savePath, shard));
  const processor = sum(ends.map((end) => end.processor));
  console.log(
    JSON.stringify({
      store: name,
      files,
      shards,
      whole: { seconds: whole.wall, processorSeconds: whole.processor },
      shardSeconds: ends.map(({ wall }) => wall),
      processorSeconds: rounded(processor),
      processorOfWhole: rounded(processor / whole.processor),
      startProcessorSeconds: rounded(start),
      readingAllNamesProcessorSeconds: rounded(reading),
      protocols: [...new Set([whole, ...ends].map(({ protocol }) => protocol))],
      removed: ends.map(({ totals }) => totals.removed),
      filesOfCalls: few,
      callsWhole: wholeCalls,
      callsLargestShard: Math.max(...calls),
      callsOfWhole: Number((Math.max(...calls) / wholeCalls).toFixed(4)),
    }),
  );
}
