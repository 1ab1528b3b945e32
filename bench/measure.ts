/**
 * Runs a driver's command as a fresh process, by run.c, which measures it with all its children.
 *
 * Invariant: the command's own output never reaches ours, and no process of it is left.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { execute } from './execute.js';
import { program } from './places.js';

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Measurement {
  readonly wallMs: number;
  /** User and system time of all processes. */
  readonly userMs: number;
  readonly systemMs: number;
  /** Of the largest of its processes. */
  readonly peakKiB: number;
  /** Why the run is not to be trusted, whatever it removed; else undefined. */
  readonly problem: string | undefined;
}

interface Report {
  readonly wallNs: number;
  readonly userUs: number;
  readonly systemUs: number;
  readonly peakKiB: number;
  readonly exitStatus: number;
  readonly signal: number;
  readonly isOverTime: boolean;
}

export interface MeasureOptions {
  /** A directory that the report may lie in. */
  readonly scratch: string;
  /** Whatever runs longer is killed. */
  readonly timeLimitSeconds: number;
  readonly signal: AbortSignal;
}

export async function measure(
  command: Command,
  { scratch, timeLimitSeconds, signal }: MeasureOptions,
): Promise<Measurement> {
  const reportFile = path.join(scratch, 'report.json');
  const ended = await execute(
    program('run'),
    [reportFile, String(timeLimitSeconds), ...command.argv],
    command.env ? { env: command.env, signal } : { signal },
  );
  if (ended.status !== 0) throw new Error(`the launcher failed: ${ended.stderr.trim()}`);
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  return {
    wallMs: report.wallNs / 1e6,
    userMs: report.userUs / 1e3,
    systemMs: report.systemUs / 1e3,
    peakKiB: report.peakKiB,
    problem: problemOf(report, ended.stderr, timeLimitSeconds),
  };
}

function problemOf(report: Report, stderr: string, limit: number): string | undefined {
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (report.isOverTime) return `not done after ${limit} s`;
  if (report.signal !== 0) return `killed by signal ${report.signal}: ${said}`;
  if (report.exitStatus !== 0) return `exit status ${report.exitStatus}: ${said}`;
  return undefined;
}
