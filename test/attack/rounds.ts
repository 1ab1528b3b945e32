/** How much each attack has done: said where the tests' output is read, so that nobody has to believe it. */
import type { AttackEnd } from './attackers.js';
import type { Sweeps } from './sweeper.js';

export function tell(attack: string, { rounds, counts }: AttackEnd, sweeps: Sweeps): void {
  const entries = [
    ...Object.entries(counts),
    ...Object.entries(sweeps.happened).filter(([, count]) => count > 0),
    ...Object.entries(sweeps.errors),
  ];
  const details = entries.map(([what, count]) => `${what} ${count}`).join(', ');
  console.log(
    `${attack}: ${rounds} rounds, ${sweeps.sweeps} sweeps (slowest ${sweeps.slowestMs} ms): ${details}`,
  );
}
