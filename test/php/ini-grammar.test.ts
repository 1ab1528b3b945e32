/**
 * PHP is the oracle for ini files: its own parser is given thousands of texts, and must see in each
 * what lib/php/ini sees. The parser is called in two ways: with a callback through FFI, which shows
 * every entry in its order and those before a syntax error, and by parse_ini_string().
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { IniContext } from '../../lib/php/ini/ini.js';
import { knownConstant } from '../../lib/php/ini/ini-values.js';
import { parseIni } from '../../lib/php/ini/parse-ini.js';
import { parseQuantity } from '../../lib/php/ini/quantity.js';
import { fc } from '../support/fast-check.js';
import { fuzzRuns, fuzzTimeoutMs } from '../support/fuzz-runs.js';
import { iniArray } from '../support/ini-array.js';
import { IniOracle } from '../support/ini-oracle.js';
import { Random } from '../support/random.js';
import { requireTool } from '../support/require-tool.js';
import { environment, iniText, quantityText } from './random-ini.js';

const textCount = fuzzRuns(6_000);
const quantityCount = fuzzRuns(6_000);
const hasPhp = requireTool('php');
const seed = Random.fromEnvironment().seed | 0;

const context: IniContext = {
  variable: (name) => new Map(Object.entries(environment)).get(name),
  constant: knownConstant,
};

describe.skipIf(!hasPhp)('PHP’s parser and ours', () => {
  const oracle = new IniOracle(environment);
  afterAll(() => oracle.end());

  it(`see the same entries, up to the same fault, in ${textCount} random texts`, {
    timeout: fuzzTimeoutMs(120_000),
  }, async () => {
    const seen = { texts: 0, entries: 0, faults: 0, entriesBeforeFaults: 0 };
    await fc.assert(
      fc.asyncProperty(iniText, async (text) => {
        const expected = await oracle.entries(text);
        const { entries, error } = parseIni(text, context, '8.2');
        expect({
          entries: entries.map(({ section, key, offset, value }) => [section, key, offset, value]),
          failed: error !== null,
        }).toEqual(expected);
        seen.texts += 1;
        seen.entries += entries.length;
        if (error !== null) {
          seen.faults += 1;
          seen.entriesBeforeFaults += entries.length;
        }
      }),
      { numRuns: textCount, seed },
    );
    console.info(`ini grammar: SESCLE_SEED=${seed}`, seen);
    expect(seen.texts).toBe(textCount);
    expect(seen.entriesBeforeFaults, 'entries before a fault').toBeGreaterThan(100);
    expect(seen.texts - seen.faults, 'texts without a fault').toBeGreaterThan(1000);
  });

  it(`make the same array of each of ${textCount} random texts`, { timeout: 120_000 }, async () => {
    let arrays = 0;
    await fc.assert(
      fc.asyncProperty(iniText, async (text) => {
        const expected = await oracle.array(text);
        expect(iniArray(text, context)).toEqual(expected);
        if (expected !== null) arrays += 1;
      }),
      { numRuns: textCount, seed: seed ^ 1 },
    );
    expect(arrays).toBeGreaterThan(1000);
  });

  it.each([
    ['9,990 open parentheses', `a=${'('.repeat(9_990)}1${')'.repeat(9_990)}`],
    ['20,000 open parentheses', `a=${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
    ['20,000 negations', `a=${'~'.repeat(20_000)}1`],
    ['20,000 operators in a row', `a=${'1|'.repeat(20_000)}2`],
  ])('take the same view of %s', async (_, text) => {
    const expected = await oracle.entries(text);
    const { entries, error } = parseIni(text, context, '8.2');
    expect(error !== null).toBe(expected.failed);
    expect(entries.map(({ value }) => value)).toEqual(
      expected.entries.map(([, , , value]) => value),
    );
  });

  it(`take ${quantityCount} random quantities for the same number, and complain about the same`, {
    timeout: fuzzTimeoutMs(60_000),
  }, async () => {
    let complaints = 0;
    await fc.assert(
      fc.asyncProperty(quantityText, async (text) => {
        const expected = await oracle.quantity(text);
        const { value, complaint } = parseQuantity(text);
        expect(String(value)).toBe(expected.value);
        expect(complaint !== null, `PHP says: ${expected.warning}`).toBe(expected.warning !== null);
        if (complaint !== null) complaints += 1;
      }),
      { numRuns: quantityCount, seed },
    );
    expect(complaints).toBeGreaterThan(1000);
    expect(complaints).toBeLessThan(quantityCount - 1000);
  });
});
