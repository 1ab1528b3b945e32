/**
 * Data directories of servers, made once in a test run and copied from then on: to make one takes a server
 * longer than most tests.
 *
 * Invariant: a copy is complete, and nobody writes to what it was copied from.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runDirectoryVariable } from './run-directory.js';
import { until } from './until.js';

const run = promisify(execFile);

/**
 * @param data it does not exist yet
 * @param make makes such a directory
 */
export async function copyOfTemplate(
  name: string,
  data: string,
  make: (data: string) => Promise<void>,
): Promise<void> {
  const directory = process.env[runDirectoryVariable];
  // A program that is no test run has one server of a kind.
  if (directory === undefined) return make(data);
  const template = join(directory, name);
  if (isFirst(`${template}.making`)) {
    const unfinished = join(`${template}.making`, 'data');
    await make(unfinished);
    renameSync(unfinished, template);
  }
  await until(() => existsSync(template));
  await run('cp', ['--archive', '--sparse=always', template, data]);
}

function isFirst(mark: string): boolean {
  try {
    mkdirSync(mark, { mode: 0o755 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
