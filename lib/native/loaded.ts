/**
 * The addon, if one was loaded: for those who want it only then.
 *
 * Invariant: only load.ts sets it, once within one thread.
 */
import type { NativeAddon } from './boundary.js';
import type { NativeTasks } from './tasks.js';

export const loaded: { addon: (NativeAddon & NativeTasks) | undefined } = { addon: undefined };
