/**
 * How many inodes a store's file system has left.
 *
 * Invariant: asked only of a store that was just scanned, so that a mount that is dead is not asked.
 */
import { statfs } from 'node:fs/promises';
import type { PlacedStore } from '../sweep/request.js';

/** @returns null where the file system has no fixed number, or does not tell */
export async function inodesFreeRatio({ onThisMachine }: PlacedStore): Promise<number | null> {
  try {
    const { files, ffree } = await statfs(onThisMachine);
    return files > 0 ? ffree / files : null;
  } catch {
    return null; // the next scan says why
  }
}
