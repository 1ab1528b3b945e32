/**
 * Reads the addon's batches of listed candidates.
 *
 * Invariant: paths stay bytes. A path may hold every byte but NUL, and the verdict's byte may be 0,
 * so the NUL that ends a path is looked for behind the verdict's byte.
 */
import { type NativeListing, type Verdict, verdicts } from '../native/boundary.js';

/**
 * @param batch as boundary.ts describes it
 * @param tell called for each candidate in order; the path is a view of the batch's memory
 * @throws Error if the batch is not what the boundary says (a defect of sescle's)
 */
export function readListing(
  batch: NativeListing,
  tell: (verdict: Verdict, path: Buffer) => void,
): void {
  for (let at = 0; at < batch.length; ) {
    const verdict = verdicts[batch[at] ?? verdicts.length];
    const end = batch.indexOf(0, at + 1);
    if (verdict === undefined || end < 0) throw new Error('the addon sent a malformed listing');
    tell(verdict, batch.subarray(at + 1, end));
    at = end + 1;
  }
}
