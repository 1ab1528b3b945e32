/**
 * The program where Node and all of sescle are one executable (scripts/build-executable): the commands,
 * and what sescle starts as processes of their own.
 *
 * Invariant: a child is what sescle itself starts: its file's whole path comes first, with the channel of
 * fork(), or behind options of V8's. Anything else is a command, or an error like any other word.
 */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { start } from '../cli/start.js';
import { loaded } from '../native/loaded.js';
import { packageRoot } from '../package.js';

type Load = () => Promise<unknown>;

/** Those that apart.ts starts, by their files in the npm package. */
const forked: Readonly<Record<string, Load>> = {
  'clock/state-child.js': () => import('../clock/state-child.js'),
  'monitor/stamps-child.js': () => import('../monitor/stamps-child.js'),
  'stores/discovery-child.js': () => import('../stores/discovery-child.js'),
  'stores/search-child.js': () => import('../stores/search-child.js'),
  'tables/owner-child.js': () => import('../tables/owner-child.js'),
  'telemetry/textfile-child.js': () => import('../telemetry/textfile-child.js'),
};

/** What lib/tables/child-process.ts starts. */
const spawned: Readonly<Record<string, Load>> = {
  'tables/child.js': () => import('../tables/child.js'),
};

/** What to run as a child; undefined: these are a command's arguments. */
function childOf(args: readonly string[]): Load | undefined {
  const flags = args.filter((arg) => arg.startsWith('--'));
  const child = args[flags.length] ?? '';
  const kinds = flags.length > 0 ? spawned : process.send === undefined ? {} : forked;
  const name = Object.keys(kinds).find((each) => join(packageRoot, 'dist', each) === child);
  if (name === undefined) return undefined;
  // This executable's options are sescle's own: Node reads none of them.
  for (const flag of flags) setFlagsFromString(flag);
  return kinds[name];
}

async function main(): Promise<void> {
  const child = childOf(process.argv.slice(2));
  if (child !== undefined) return void (await child());
  const exitStatus = await start();
  loaded.addon?.endProcess(exitStatus);
  process.exit(exitStatus);
}

// Not awaited: the executable's code is no module.
void main();
