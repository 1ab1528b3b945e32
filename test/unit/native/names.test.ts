/** Verdicts and counts are listed once in the engine and once above it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { counts, verdicts } from '../../../lib/native/boundary.js';

const core = path.join(import.meta.dirname, '../../../native/core');

it.each([
  ['verdict.h', 'VERDICT', [...verdicts]],
  ['counts in counters.h', 'COUNT', [...counts]],
])('%s: the engine has the same names, in the same order', (where, macro, names) => {
  const text = readFileSync(path.join(core, where.replace('counts in ', '')), 'utf8');
  const found = Array.from(text.matchAll(RegExp(`\\b${macro}\\(\\w+, "(\\w+)"\\)`, 'g')));
  expect(found.map(([, name]) => name)).toEqual(names);
});
