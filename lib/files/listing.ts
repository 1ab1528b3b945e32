/**
 * Reads the addon's batches of listed candidates.
 *
 * Invariant: paths stay bytes. A path may hold every byte but NUL, and the verdict's byte may be 0,
 * so the NUL that ends a path is looked for behind the verdict's byte.
 */
import type { OnVerdict } from '../engine/engine.js';
import { type NativeListing, verdicts } from '../native/boundary.js';

/**
 * @param batch as boundary.ts describes it
 * @param tell called for each candidate in order; the path is a view of the batch's memory
 * @throws Error if the batch is not what the boundary says (a defect of sescle's)
 */
export async function readListing(batch: NativeListing, tell: OnVerdict): Promise<void> {
  for (let at = 0; at < batch.length; ) {
    const verdict = verdicts[batch[at] ?? verdicts.length];
    const end = batch.indexOf(0, at + 1);
    if (verdict === undefined || end < 0) throw new Error('the addon sent a malformed listing');
    const told = tell(verdict, batch.subarray(at + 1, end));
    // Most callers return nothing, and a million awaits of nothing would cost a second.
    if (told instanceof Promise) await told;
    at = end + 1;
  }
}
