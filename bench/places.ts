/**
 * Where the benchmarks' own programs, scripts and results are.
 *
 * Invariant: this runs from bench/build; every other file of bench/ asks here.
 */
import path from 'node:path';

const bench = path.join(import.meta.dirname, '..');

/** The checkout. */
export const project = path.join(bench, '..');

/** Results of runs that nobody chose to keep; git ignores them. */
export const passingResults = path.join(bench, 'results/tmp');

/** The built `sescle`. */
export const sescle = path.join(project, 'dist/cli/main.js');

/** A C program of bench/programs, compiled. */
export function program(
  name: 'fill' | 'check' | 'run' | 'floor' | 'hold' | 'load' | 'spread' | 'observe' | 'race',
): string {
  return path.join(bench, 'build/programs', name);
}

/** A script of bench/programs. */
export function script(
  name: 'session-gc.php' | 'session-request.php' | 'session-visits.php',
): string {
  return path.join(bench, 'programs', name);
}

/** The rival that is written for Node, compiled. */
export const nodeFs = path.join(bench, 'build/programs/node-fs.js');
