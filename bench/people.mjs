/**
 * What `sescle stats` and `sescle mkdirs` take, beside what else does the like:
 *
 *   node bench/people.mjs stats DIRECTORY [SAMPLES]
 *     DIRECTORY holds sessions, or is empty: then it is filled with 3,000,000 live ones. `stats` and a sweep that
 *     removes nothing take turns; prints both times, their ratio, and the peak of memory above `node -e 0`.
 *
 *   node bench/people.mjs mkdirs MOD_FILES_SH [SAMPLES]
 *     `mkdirs` for three levels of 5 bits and PHP's own script (ext/session/mod_files.sh of its sources) take turns;
 *     compares both trees, and has real PHP write a session in each of the 32,768 directories.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const [what, argument, count = '5'] = process.argv.slice(2);
const samples = Number(count);
const mebibyte = 2 ** 20;

/** @returns seconds */
function timed(program, ...args) {
  const began = performance.now();
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status}\n${stderr}`);
  return (performance.now() - began) / 1000;
}

function peakBytes(...args) {
  const file = join(mkdtempSync(join(tmpdir(), 'sescle-peak-')), 'peak');
  const hook = `import { readFileSync, writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(file)},
      /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));`;
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  timed(process.execPath, ...preload, ...args);
  return Number(readFileSync(file, 'utf8')) * 1024;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function told(name, seconds) {
  const all = seconds.map((each) => each.toFixed(2)).join(', ');
  console.log(`${name}: median ${median(seconds).toFixed(2)} s of ${all}`);
}

function fill(store, sessions) {
  for (let at = 0; at < sessions; at += 1) {
    const id = `${at.toString(36).padStart(8, '0')}${'x'.repeat(18)}`;
    closeSync(openSync(join(store, `sess_${id}`), 'w', 0o600));
  }
}

function stats(store) {
  if (readdirSync(store).length === 0) fill(store, 3_000_000);
  const scan = [cli, 'sweep', '-q', '-l', '30d', store];
  const count = [cli, 'stats', '--json', '-l', '30d', store];
  timed(process.execPath, ...scan);
  const times = { scan: [], stats: [] };
  for (let sample = 0; sample < samples; sample += 1) {
    times.stats.push(timed(process.execPath, ...count));
    times.scan.push(timed(process.execPath, ...scan));
  }
  told('stats', times.stats);
  told('a sweep that removes nothing', times.scan);
  console.log(`ratio of the medians: ${(median(times.stats) / median(times.scan)).toFixed(2)}`);
  const own = peakBytes('-e', '0');
  const above = (peakBytes(...count) - own) / mebibyte;
  console.log(`peak above node -e 0 (${(own / mebibyte).toFixed(1)} MiB): ${above.toFixed(1)} MiB`);
}

const php = `
$characters = '0123456789abcdefghijklmnopqrstuv';
foreach (str_split($characters) as $a) foreach (str_split($characters) as $b) foreach (str_split($characters) as $c) {
  session_id("$a$b$c" . str_repeat('0', 23));
  if (!session_start(['use_cookies' => 0, 'cache_limiter' => '', 'use_strict_mode' => 0])) exit(1);
  $_SESSION['at'] = "$a$b$c";
  session_write_close();
}`;

function mkdirs(script) {
  const times = { ours: [], theirs: [] };
  let trees = [];
  for (let sample = 0; sample < samples; sample += 1) {
    for (const tree of trees) rmSync(tree, { recursive: true });
    trees = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'sescle-mkdirs-')));
    const [ours, theirs] = trees;
    times.ours.push(timed(process.execPath, cli, 'mkdirs', '-y', '--bits', '5', `3;${ours}`));
    times.theirs.push(timed('bash', script, theirs, '3', '5'));
  }
  told('mkdirs', times.ours);
  told('mod_files.sh', times.theirs);
  const [ours, theirs] = trees.map((tree) => readdirSync(tree, { recursive: true }).sort());
  console.log(
    `same tree: ${JSON.stringify(ours) === JSON.stringify(theirs)}, ${ours.length} directories`,
  );
  const [tree] = trees;
  timed('php', '-d', `session.save_path="3;0600;${tree}"`, '-r', php);
  const files = readdirSync(tree, { recursive: true }).filter((name) => name.includes('/sess_'));
  const isRight = files.every((name) => /^(.)\/(.)\/(.)\/sess_\1\2\3/.test(name));
  console.log(`sessions of real PHP: ${files.length}, each in its directory: ${isRight}`);
  for (const each of trees) rmSync(each, { recursive: true });
}

if (what === 'stats' && argument !== undefined) stats(argument);
else if (what === 'mkdirs' && argument !== undefined) mkdirs(argument);
else throw new Error('stats DIRECTORY [SAMPLES], or mkdirs MOD_FILES_SH [SAMPLES]');
