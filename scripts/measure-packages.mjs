// How large each form of sescle is, and how long it takes to start: medians, beside `node -e 0` of the same Node.
//
//   node scripts/measure-packages.mjs [SAMPLES]
//
// Run it on a quiet machine, after scripts/build-executable x64. The commands take turns, so that what else the
// machine does meets all of them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const samples = Number(process.argv[2] ?? 51);
const runtime = execFileSync(path.join(root, 'scripts/fetch-runtime'), ['x64'], {
  encoding: 'utf8',
}).trim();
const node = path.join(runtime, 'bin/node');
const work = mkdtempSync(path.join(tmpdir(), 'sescle-measure-'));

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
  const sessions = path.join(work, 'sessions');
  execFileSync('mkdir', [sessions]);
  const sweep = ['sweep', '-q', '-l', '24m', '--state', path.join(work, 'state'), sessions];
  execFileSync('mkdir', [path.join(work, 'state')]);
  const commands = {
    'node -e 0': [node, '-e', '0'],
    'script --version': [...script, '--version'],
    'script sweep': [...script, ...sweep],
    'executable --version': [executable, '--version'],
    'executable sweep': [executable, ...sweep],
  };
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = -2; round < samples; round++) {
    for (const [name, [program, ...args]] of Object.entries(commands)) {
      const begun = process.hrtime.bigint();
      const { status } = spawnSync(program, args, {
        stdio: 'ignore',
        env: { PATH: '/usr/bin:/bin' },
      });
      const ms = Number(process.hrtime.bigint() - begun) / 1e6;
      if (status !== 0) throw new Error(`${name}: status ${status}`);
      // The first two rounds warm the cache of files.
      if (round >= 0) times[name].push(ms);
    }
  }
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  const floor = median(times['node -e 0']);
  const size = (file) => `${(statSync(file).size / 1e6).toFixed(1)} MB`;
  console.log(
    `Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}, ${samples} samples`,
  );
  console.log(`runtime ${size(node)}, executable ${size(executable)}`);
  for (const [name, values] of Object.entries(times)) {
    const ms = median(values);
    console.log(`${name.padEnd(22)} ${ms.toFixed(1).padStart(6)} ms  ${(ms / floor).toFixed(2)}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
