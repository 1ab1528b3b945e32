/**
 * Loads the addon, once, when it is first needed.
 *
 * Invariant: importing sescle never fails for want of the addon; the first use does, with a
 * SescleError ERR_ADDON_LOAD that says what was tried, why it failed and what to do.
 */
import { createRequire } from 'node:module';
import findBindings from 'bindings';
import { packageRoot } from '../package.js';
import type { NativeAddon, NativeTasks } from './boundary.js';
import { explainLoadFailure } from './load-failure.js';
import { requireWhole } from './whole-library.js';

let addon: (NativeAddon & NativeTasks) | undefined;

/**
 * @returns the addon; the same one every time within one thread
 * @throws SescleError ERR_ADDON_LOAD
 */
export function loadAddon(): NativeAddon & NativeTasks {
  addon ??= load();
  return addon;
}

function load(): NativeAddon & NativeTasks {
  try {
    const file = findBindings({ bindings: 'sescle', module_root: packageRoot, path: true });
    requireWhole(file);
    return createRequire(import.meta.url)(file) as NativeAddon & NativeTasks;
  } catch (error) {
    throw explainLoadFailure(error, {
      packageRoot,
      platform: process.platform,
      arch: process.arch,
      nodeVersion: process.version,
    });
  }
}
