/**
 * How long removing takes where each call takes long: on bench/programs/slow-fs.c, beside find -delete.
 *
 *   npm run build:bench; node bench/slow-fs.mjs DELAY_US DEPTH [FILES] [FILES_OF_FIND] [DIRECTORY]
 *
 * FILES (default 200,000) expired sessions below DIRECTORY (default /dev/shm), in one directory (DEPTH 0) or
 * a tree (2). find, which would take hours, has FILES_OF_FIND of them (default 2,000), and its time is scaled.
 *
 * Invariant: it fails unless both have removed all; the file system is unmounted whatever happens.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fill } from './expired-store.mjs';

const [delayUs = '1000', depthText = '2', filesText, findText, directory = '/dev/shm'] =
  process.argv.slice(2);
const depth = Number(depthText) === 2 ? 2 : 0;
const files = Number(filesText ?? 200_000);
const findFiles = Number(findText ?? 2000);
const server = fileURLToPath(new URL('build/programs/slow-fs', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const work = mkdtempSync(`${directory}/sescle-slow-`);
const [backing, mount] = [`${work}/backing`, `${work}/mount`];
for (const path of [backing, mount]) mkdirSync(path);
process.on('exit', () => {
  spawnSync('umount', [mount]);
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

spawn(server, [delayUs, backing, mount], { stdio: 'inherit' });
while (spawnSync('mountpoint', ['-q', mount]).status !== 0) await setTimeout(50);

function timed(count, command, args) {
  fill(`${backing}/store`, depth, count);
  const beganMs = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { maxBuffer: 2 ** 26 });
  const seconds = (performance.now() - beganMs) / 1000;
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  const names = existsSync(`${backing}/store`)
    ? readdirSync(`${backing}/store`, { recursive: true })
    : [];
  const left = names.filter((name) => name.includes('sess_')).length;
  if (left > 0) throw new Error(`${command} has left ${left} files`);
  return { seconds, stdout: stdout.toString() };
}

const store = `${mount}/store`;
const find = timed(findFiles, 'find', [store, '-name', 'sess_*', '-type', 'f', '-delete']);
const args = [cli, 'sweep', '-l', '24m', '--json', '--state', work, `${depth};${store}`];
const sescle = timed(files, process.execPath, args);
const { totals } = JSON.parse(sescle.stdout);
const findSeconds = (find.seconds * files) / findFiles;
console.log(
  JSON.stringify({
    delayUs: Number(delayUs),
    depth,
    files,
    removed: totals.removed,
    seconds: Number(sescle.seconds.toFixed(1)),
    findFiles,
    findMeasuredSeconds: Number(find.seconds.toFixed(2)),
    findScaledSeconds: Number(findSeconds.toFixed(0)),
    ofFind: Number((sescle.seconds / findSeconds).toFixed(3)),
  }),
);
process.exit();
