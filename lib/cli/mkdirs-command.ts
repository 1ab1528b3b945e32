/**
 * `sescle mkdirs`: a save path to one call that counts what is missing, and one that makes it.
 *
 * Invariant: nothing is made before it is known that there is room for it, nor, where there is much of
 * it, before somebody has agreed.
 */
import {
  type BitsPerCharacter,
  bitsPerCharacterOf,
  discoverStores,
  type MakeOptions,
  type MakeReport,
  makeDirectories,
  parseSavePath,
} from '../index.js';
import { canAsk, confirm } from './ask.js';
import type { Console } from './console.js';
import { discoverOptions } from './discovery-options.js';
import { failureTrouble, tellTrouble } from './error-lines.js';
import { signalStatus, status } from './exit-status.js';
import { knownByLook, knownByName } from './known-stores.js';
import type { MkdirsFlags } from './mkdirs-options.js';
import { mkdirsReport, treeText } from './mkdirs-report.js';
import { checkDirectory } from './named-inputs.js';
import { ownerArgument } from './owner-argument.js';
import { absolutePath } from './paths.js';
import { ProgressBar } from './progress-bar.js';
import { watchEnds } from './signals.js';
import { chooseStyle } from './style.js';
import { UsageError } from './usage-error.js';
import { formatCount, plural } from './words.js';

/** More than that is seldom meant. */
const manyDirectories = 100_000;

/**
 * @returns the exit status
 * @throws UsageError; SescleError where nothing can be made
 */
export async function mkdirsCommand(
  savePath: Buffer,
  flags: MkdirsFlags,
  console: Console,
): Promise<number> {
  const options = await optionsOf(savePath, flags, console);
  const ends = watchEnds(console);
  try {
    const before = await makeDirectories(savePath, {
      ...options,
      dryRun: true,
      signal: ends.signal,
    });
    if (ends.caught !== undefined) return tellEnded(ends.caught, console);
    if (flags.dryRun) return tell(before, flags, console);
    requireRoom(before);
    if (!flags.quiet) console.err(`${before.path}: ${treeText(before)}\n`);
    if (!(await isAgreed(before, flags, console))) return status.usage;
    const report = await makeAll(
      savePath,
      { ...options, signal: ends.signal },
      before,
      flags,
      console,
    );
    const exitStatus = tell(report, flags, console);
    return ends.caught === undefined ? exitStatus : tellEnded(ends.caught, console);
  } finally {
    ends.release();
  }
}

function tellEnded(signal: NodeJS.Signals, console: Console): number {
  tellTrouble(console, `ended by ${signal}`, 'run the command again: it goes on where it stopped');
  return signalStatus(signal);
}

async function optionsOf(
  savePath: Buffer,
  flags: MkdirsFlags,
  console: Console,
): Promise<MakeOptions> {
  const { bits, owner, mode, root } = flags;
  if (root !== undefined) await checkDirectory('--root', root);
  const { uid, gid } =
    owner === undefined
      ? { uid: undefined, gid: undefined }
      : ownerArgument('--owner', owner, root === undefined ? '' : root.toString());
  return {
    bitsPerCharacter: bits ?? (await knownBits(savePath, flags, console)),
    uid,
    gid,
    mode,
    root: root === undefined ? undefined : absolutePath(root),
  };
}

/**
 * What PHP's configuration says of the save path.
 *
 * @throws UsageError where it does not know it
 */
async function knownBits(
  savePath: Buffer,
  { root, quiet }: MkdirsFlags,
  console: Console,
): Promise<BitsPerCharacter> {
  const { path, depth, text } = parseSavePath(savePath);
  if (depth > 0) {
    const { stores } = await discoverStores(discoverOptions({ root }));
    const directory = root === undefined ? absolutePath(path) : Buffer.concat([root, path]);
    const store = knownByName(directory, stores) ?? (await knownByLook(directory, stores));
    if (store !== undefined && store.depth === depth) {
      const { bits, source } = bitsPerCharacterOf(
        store,
        root === undefined ? undefined : absolutePath(root).toString('latin1'),
      );
      if (!quiet) console.err(`session.sid_bits_per_character is ${bits} (${source})\n`);
      return bits;
    }
  }
  throw new UsageError(
    `${text}: the characters of session ids are unknown`,
    "pass PHP's session.sid_bits_per_character with --bits (php -i | grep sid_bits); 6 suits every PHP",
  );
}

/** @throws UsageError */
function requireRoom({ path, made, inodesFree }: MakeReport): void {
  if (inodesFree === null || made <= inodesFree) return;
  throw new UsageError(
    `${path}: ${formatCount(made)} directories are missing, and its file system has ${plural(inodesFree, 'inode')} left`,
    'take fewer levels or bits, or another file system',
  );
}

async function isAgreed(
  { made, path }: MakeReport,
  { yes }: MkdirsFlags,
  console: Console,
): Promise<boolean> {
  if (made <= manyDirectories || yes) return true;
  const question = `${path}: make ${formatCount(made)} directories?`;
  if (canAsk(console)) return confirm(console, question);
  tellTrouble(
    console,
    `${path}: ${formatCount(made)} directories are many: backups and scans will visit each of them`,
    'pass --yes to make them, or take fewer levels: two are enough for millions of sessions',
  );
  return false;
}

async function makeAll(
  savePath: Buffer,
  options: MakeOptions,
  { made }: MakeReport,
  { quiet }: MkdirsFlags,
  console: Console,
): Promise<MakeReport> {
  const bar =
    console.isErrTerminal && !quiet ? new ProgressBar(console, made, 'directories') : undefined;
  try {
    return await makeDirectories(savePath, {
      ...options,
      onProgress: bar && ((counts) => bar.show(counts.made)),
    });
  } finally {
    bar?.clear();
  }
}

function tell(report: MakeReport, { json, quiet }: MkdirsFlags, console: Console): number {
  if (json) console.out(`${JSON.stringify(report)}\n`);
  else if (!quiet)
    console.out(mkdirsReport(report, chooseStyle(console.isOutTerminal, process.env)));
  for (const failure of report.errors) {
    const { reason, remedy } = failureTrouble(failure);
    tellTrouble(console, reason, remedy);
  }
  return report.complete ? status.done : status.trouble;
}
