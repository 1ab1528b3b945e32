// How large each form of sescle is, and how long it takes to start: medians, beside `node -e 0` of the same Node.
//
//   node scripts/measure-packages.mjs [SAMPLES]
//
// Run it on a quiet machine, after scripts/build-executable x64. The commands take turns, so that what else the
// machine does meets all of them. Processor time says more than time where the machine does other things too. Where a
// FUSE or network filesystem is mounted, a sweep starts a process more: unmount them first (unshare --mount).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const samples = Number(process.argv[2] ?? 51);
const runtime = execFileSync(path.join(root, 'scripts/fetch-runtime'), ['x64'], {
  encoding: 'utf8',
}).trim();
const node = path.join(runtime, 'bin/node');
const work = mkdtempSync(path.join(tmpdir(), 'sescle-measure-'));

/** Of one run, in milliseconds. */
function measure(name, command, env) {
  const { status, stderr } = spawnSync(
    'bash',
    ['--norc', '-c', 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1', 'bash', ...command],
    { encoding: 'utf8', env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (status !== 0) throw new Error(`${name}: status ${status}`);
  const [wall, user, system] = stderr
    .trim()
    .split(' ')
    .map((seconds) => Number(seconds) * 1000);
  return { wall, processor: user + system };
}

try {
  const prefix = path.join(work, 'prefix');
  execFileSync(path.join(root, 'packaging/install'), [
    '--destdir',
    prefix,
    '--no-documents',
    '--arch',
    'x64',
    '--executable',
    path.join(root, 'build/packages/x64/sescle'),
    '--addon',
    path.join(root, 'build/packages/x64/sescle.node'),
  ]);
  const executable = path.join(prefix, 'usr/bin/sescle');
  const script = [node, path.join(root, 'dist/cli/main.js')];
  const [sessions, state] = ['sessions', 'state'].map((name) => path.join(work, name));
  for (const directory of [sessions, state]) mkdirSync(directory);
  const sweep = ['sweep', '-q', '-l', '24m', sessions];
  const commands = {
    'node -e 0': [node, '-e', '0'],
    'npm --version': [...script, '--version'],
    'npm sweep': [...script, ...sweep],
    'executable --version': [executable, '--version'],
    'executable sweep': [executable, ...sweep],
  };
  const env = { PATH: '/usr/bin:/bin', STATE_DIRECTORY: state };
  const found = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = -2; round < samples; round++) {
    for (const [name, command] of Object.entries(commands)) {
      const one = measure(name, command, env);
      // The first two rounds warm the cache of files.
      if (round >= 0) found[name].push(one);
    }
  }
  const median = (name, what) =>
    found[name].map((one) => one[what]).toSorted((a, b) => a - b)[Math.floor(samples / 2)];
  const size = (file) => `${(statSync(file).size / 1e6).toFixed(1)} MB`;
  console.log(
    `Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}, ${samples} samples`,
  );
  console.log(`runtime ${size(node)}, executable ${size(executable)}`);
  for (const name of Object.keys(commands)) {
    const columns = ['wall', 'processor'].map((what) => {
      const ms = median(name, what);
      return `${what} ${ms.toFixed(0).padStart(4)} ms ${(ms / median('node -e 0', what)).toFixed(2)}`;
    });
    console.log(`${name.padEnd(22)} ${columns.join('   ')}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
