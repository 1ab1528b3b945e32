/**
 * `npm run bench:scale`: the curves of docs/scale.md.
 *
 * Invariant: whatever happens, mounts and images of it are gone when it ends. The exit status is 1 if a sweep left
 * anything that it should have removed.
 */
import { Command } from 'commander';
import { count } from '../count.js';
import { type FileSystemName, fileSystemNames } from '../file-systems.js';
import { runTrial } from '../judging-trial.js';
import { type CurveSettings, curvesTrial } from './curves.js';

const program = new Command('npm run bench:scale --')
  .description('Measures sweeps of more files, of more stores, and by more hosts.')
  .helpOption('-h, --help', 'show this help')
  .option('--sizes <n,...>', 'files of one directory', counts, [1000, 10_000, 100_000, 1_000_000])
  .option('--stores <n,...>', 'stores that share --files', counts, [1, 10, 100, 1000, 10_000])
  .option('--shards <n,...>', 'hosts that share one store of --files', counts, [1, 2, 4, 8, 16])
  .option('--files <n>', 'files of those', count, 1_000_000)
  .option('--bytes <n>', 'of each file', count, 64)
  .option('--fs <name>', fileSystemNames.join(', '), 'ext4')
  .option('--work <directory>', 'for images and mount points (default: the temporary one)')
  .option('--out <file.json>', 'results; the table (.txt) goes beside it')
  .allowExcessArguments(false)
  .parse();

const { work, out, ...settings } = program.opts<
  CurveSettings & { fs: FileSystemName; work?: string; out?: string }
>();
process.exitCode = await runTrial('bench:scale', {
  trial: curvesTrial(settings),
  workplace: work,
  out,
});

/** `none` is no number at all. */
function counts(text: string): number[] {
  return text === 'none' ? [] : text.split(',').map(count);
}
