/**
 * What a find that is run once a minute uses: Debian's line, as in bench/drivers/find.ts.
 *
 * Two runs are measured, one that removes what a minute has made due, and one that finds nothing.
 *
 * Invariant: that it removed what it should is seen by counting, not by what it says.
 */
import { readdirSync } from 'node:fs';
import { find } from '../drivers/find.js';
import { flatStore } from '../tree.js';
import { type CommandUsage, measureCommand } from './syscalls.js';

export interface FindCost {
  readonly removing: CommandUsage;
  readonly removed: number;
  readonly scanning: CommandUsage;
}

export async function measureFind(
  root: string,
  given: { readonly lifetime: number; readonly scratch: string; readonly signal: AbortSignal },
): Promise<FindCost> {
  const { lifetime: lifetimeSeconds, scratch, signal } = given;
  const missing = find.missing();
  if (missing !== undefined) throw new Error(missing);
  const { argv } = await find.command({ tree: flatStore(root), lifetimeSeconds, scratch });
  const before = readdirSync(root).length;
  const removing = await measureCommand(argv, { scratch, signal });
  const removed = before - readdirSync(root).length;
  const scanning = await measureCommand(argv, { scratch, signal });
  return { removing, removed, scanning };
}
