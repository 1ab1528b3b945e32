/** A line of numbers: it shows what is known and nothing else. */
import { describe, expect, it } from 'vitest';
import { sparkline } from '../../../lib/telemetry/sparkline.js';

function pathOf(values: readonly (number | null)[]): string | undefined {
  const made = sparkline({ atMs: values.map((_, at) => at * 1000), values }, 'things');
  return Array.isArray(made) ? undefined : / d="(.*?)"/.exec((made as { text: string }).text)?.[1];
}

describe('a sparkline', () => {
  it.each<[string, (number | null)[], string | undefined]>([
    ['nothing', [], undefined],
    ['one number', [5], undefined],
    ['one that is known', [null, 5, null], undefined],
    ['what rises', [0, 1], 'M2 18L88 2'],
    ['what stays', [7, 7, 7], 'M2 10L45 10L88 10'],
    ['a gap', [0, 4, null, 4, 0], 'M2 18L23.5 2M66.5 2L88 18'],
  ])('of %s', (_, values, path) => expect(pathOf(values)).toBe(path));

  it('has as many points as can be told apart, the last among them', () => {
    const path = pathOf(Array.from({ length: 90 }, (_, at) => at)) ?? '';
    expect(path.split('L')).toHaveLength(45);
    expect(path).toMatch(/L88 2$/);
  });
});
