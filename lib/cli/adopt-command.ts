/**
 * `sescle adopt`: directories to lines of sescle.toml, and the lines into it once somebody has agreed.
 *
 * Invariant: nothing is written before it has been shown, or --yes was given; no session is touched.
 */
import { type AdoptionPlan, applyAdoption, planAdoption } from '../index.js';
import type { AdoptFlags } from './adopt-options.js';
import { canAsk, confirm } from './ask.js';
import type { Console } from './console.js';
import { discoverOptions } from './discovery-options.js';
import { tellTrouble } from './error-lines.js';
import { status } from './exit-status.js';
import { checkNamedInputs } from './named-inputs.js';
import { UsageError } from './usage-error.js';
import { plural } from './words.js';

/**
 * @param directories as they were given, byte for byte
 * @returns the exit status
 * @throws UsageError; SescleError where nothing can be adopted
 */
export async function adoptCommand(
  directories: readonly Buffer[],
  flags: AdoptFlags,
  console: Console,
): Promise<number> {
  const { undo, dryRun, maxLifetime, profile, config, ...inputs } = flags;
  if (directories.length === 0 && !undo) {
    throw new UsageError(
      'no directory was given',
      'name one, as: sescle adopt -l 2h /srv/sessions',
    );
  }
  // The file may be missing: it is made then.
  await checkNamedInputs(inputs);
  const plan = await planAdoption(directories, {
    ...discoverOptions(flags),
    lifetimeSeconds: maxLifetime,
    profile,
    undo,
  });
  if (!flags.quiet && !flags.json) show(plan, undo, console);
  const isChange = plan.after !== (plan.before ?? '');
  const isAgreed = isChange && !dryRun && (await mayWrite(plan, flags, console));
  const told = isAgreed ? await applyAdoption(plan) : [];
  if (flags.json) console.out(`${JSON.stringify(jsonOf(plan, flags, isAgreed, told))}\n`);
  else if (isAgreed && !flags.quiet) console.out(writtenText(plan, told));
  return !isChange || dryRun || isAgreed ? status.done : status.usage;
}

function show({ file, stores, already }: AdoptionPlan, undo: boolean, console: Console): void {
  for (const { path, reason } of already) console.out(`${path} ${reason}\n`);
  if (stores.length === 0) return;
  if (undo) {
    const names = stores.map(({ path }) => `  ${path}\n`).join('');
    console.out(`${file} loses ${plural(stores.length, 'store')}:\n${names}`);
    return;
  }
  const lines = stores.map((store) => `\n${store.lines.join('\n')}\n`).join('');
  console.out(`${file} gets:\n${lines}\n`);
}

async function mayWrite(
  { file }: AdoptionPlan,
  { yes }: AdoptFlags,
  console: Console,
): Promise<boolean> {
  if (yes) return true;
  if (canAsk(console)) return confirm(console, `write to ${file}?`);
  tellTrouble(console, 'nothing was written', 'pass --yes to write it');
  return false;
}

function writtenText({ file }: AdoptionPlan, told: readonly number[]): string {
  const monitors =
    told.length === 0 ? '' : `; the monitor (process ${told.join(', ')}) was told to read it`;
  return `${file} was written${monitors}\n`;
}

function jsonOf(
  { file, stores, already }: AdoptionPlan,
  { undo }: AdoptFlags,
  written: boolean,
  monitors: readonly number[],
) {
  return { version: 1, undo, file, written, stores, already, monitors };
}
