/**
 * How much was made to fail, and what came of it: said where the tests' output is read, so that nobody
 * has to believe it.
 *
 * Invariant: a round is counted when all that must hold behind it was looked at, and held; what was
 * harmed, and what hung, is counted before a test fails for it. That the fault was there at all is the
 * tests' to see.
 */
import { afterAll, expect } from 'vitest';

/** Everything, instead of a sample that is the same every time. */
export const isLong = process.env['SESCLE_FAULT_LONG'] === '1';

interface Row {
  rounds: number;
  harmed: number;
  hangs: number;
}

/** The table of one test file, printed when its tests have ended. */
export class Tally {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly title: string) {
    afterAll(() => {
      if (this.rows.size > 0) console.log(this.text());
    });
  }

  round(fault: string): void {
    this.row(fault).rounds += 1;
  }

  /** Counts what was harmed, and fails if anything was. */
  expectNoneHarmed(fault: string, harmed: readonly string[], what?: string): void {
    this.row(fault).harmed += harmed.length;
    expect(harmed, what).toEqual([]);
  }

  hang(fault: string): void {
    this.row(fault).hangs += 1;
  }

  private row(fault: string): Row {
    const row = this.rows.get(fault) ?? { rounds: 0, harmed: 0, hangs: 0 };
    this.rows.set(fault, row);
    return row;
  }

  private text(): string {
    const width = Math.max(...[...this.rows.keys(), this.title].map((name) => name.length));
    const line = (name: string, ...cells: readonly (string | number)[]) =>
      [name.padEnd(width), ...cells.map((cell) => String(cell).padStart(7))].join('  ');
    return [
      line(this.title, 'rounds', 'harmed', 'hangs'),
      ...Array.from(this.rows, ([fault, { rounds, harmed, hangs }]) =>
        line(fault, rounds, harmed, hangs),
      ),
    ].join('\n');
  }
}
