/**
 * What is wrong in a configuration file, each with its line, and all of it in one error.
 *
 * Invariant: one line a problem, printable, as `FILE:LINE: …`, in the order of the file; nothing is
 * left out, so that a file can be mended in one go.
 */
import type { z } from 'zod';
import { SescleError } from '../../errors.js';
import { type ByteString, printable } from '../../php/byte-string.js';
import { isTableTarget } from '../../tables/is-table-target.js';
import { escapePath } from '../../text/escape-path.js';
import { nearestKey } from './nearest-key.js';
import { knownKeys, tableHeading } from './schema.js';
import type { KeyPath, LineOf } from './toml-lines.js';

export interface Problem {
  readonly line: number;
  /** Without the file and the line. */
  readonly text: string;
}

/**
 * @param problems at least one
 * @returns an error whose message tells all, joined by `; `, and whose `cause`, where there are
 *   several, is an AggregateError that holds each
 */
export function configurationError(file: ByteString, problems: readonly Problem[]): SescleError {
  const lines = [...problems]
    .sort((a, b) => a.line - b.line)
    .map(({ line, text }) => `${printable(file)}:${line}: ${text}`);
  const several = lines.length > 1;
  return new SescleError(lines.join('; '), {
    code: 'ERR_INVALID_CONFIGURATION',
    path: printable(file),
    remedy: several ? 'correct these lines' : 'correct this line',
    cause: several ? new AggregateError(lines.map((line) => new Error(line))) : undefined,
  });
}

/**
 * The schema's findings in our words.
 *
 * @param document what was checked
 * @param under where that stands in the whole document
 */
export function schemaProblems(
  issues: readonly z.core.$ZodIssue[],
  document: unknown,
  under: KeyPath,
  lineOf: LineOf,
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    const whole = [...under, ...path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        line: lineOf([...whole, key]),
        text: unknownKey(key, tableOf(whole, document)),
      }));
    }
    const value = describe(valueAt(document, path));
    const key = whole.findLast((part) => typeof part === 'string') ?? '';
    const text = issue.message.startsWith('must ')
      ? `'${key}' ${issue.message}, not ${value}`
      : `'${key}': ${value} ${issue.message}`;
    return [{ line: lineOf(whole), text }];
  });
}

/** The name of the table that a key stands in, as in knownKeys. */
function tableOf(path: KeyPath, document: unknown): string {
  if (path[0] === 'store') return isTableTarget(document) ? tableHeading : '[[store]]';
  return path[0] === 'discover' ? '[discover]' : '';
}

function unknownKey(key: string, table: string): string {
  const what = `unknown key '${shorten(key)}'${table === '' ? '' : ` in ${table}`}`;
  const keys = knownKeys.get(table) ?? [];
  // A key behind a [table] line belongs to that table, which is easily forgotten.
  const home = [...knownKeys].find(([, others]) => others.includes(key))?.[0];
  if (home?.startsWith('[[store]]') === true && table.startsWith('[[store]]')) {
    return `'${key}' is a key of a store that is ${nounOf(home)}, and this [[store]] names ${nounOf(table)}; keep one of the two`;
  }
  if (home === '') return `${what}; it belongs at the top, before the first [table]`;
  const nearest = nearestKey(key, keys);
  if (nearest !== undefined) return `${what}; did you mean '${nearest}'?`;
  if (home !== undefined) return `${what}; it belongs in ${home}`;
  return `${what}; known are ${keys.join(', ')}`;
}

function nounOf(store: string): string {
  return store === tableHeading ? 'a table' : 'a directory';
}

function valueAt(document: unknown, path: KeyPath): unknown {
  let value = document;
  for (const key of path) value = (value as Readonly<Record<string | number, unknown>>)[key];
  return value;
}

/** A value for people. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value)}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return 'a date';
  return Array.isArray(value) ? 'a list' : 'a table';
}

function shorten(text: string): string {
  return escapePath(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
