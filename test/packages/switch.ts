/**
 * The switch behind which packages are tried, since building them takes minutes: SESCLE_PACKAGES=1 builds them first,
 * SESCLE_PACKAGES=built tries those that are there.
 */
import { execFileSync } from 'node:child_process';

const wanted = process.env['SESCLE_PACKAGES'];

export const arePackagesBuilt = wanted === '1';
export const arePackagesTried = arePackagesBuilt || wanted === 'built';

/** Runs a program of this machine; what it prints. */
export function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs scripts that build, unless what they build is to be there. */
export function build(...commands: [string, ...string[]][]): void {
  run('scripts/install-test-packages', '--packages');
  if (!arePackagesBuilt) return;
  for (const [command, ...args] of commands) run(command, ...args);
}
