/**
 * Loads the addon, once, when it is first needed: the one that was built on this machine, else the
 * prebuilt one for its kind of processor and C library (scripts/prebuild).
 *
 * Invariant: importing sescle never fails for want of the addon; the first use does, with a
 * SescleError ERR_ADDON_LOAD that says what was tried, why it failed and what to do.
 */
import findBindings from 'bindings';
import { packageRoot } from '../package.js';
import type { NativeAddon } from './boundary.js';
import { cLibraryOf } from './c-library.js';
import { explainLoadFailure } from './load-failure.js';
import { loaded } from './loaded.js';
import type { NativeTasks } from './tasks.js';
import { requireWhole } from './whole-library.js';

/**
 * @returns the addon; the same one every time within one thread
 * @throws SescleError ERR_ADDON_LOAD
 */
export function loadAddon(): NativeAddon & NativeTasks {
  loaded.addon ??= load();
  return loaded.addon;
}

function load(): NativeAddon & NativeTasks {
  const { platform, arch, version: nodeVersion } = process;
  const cLibrary = cLibraryOf(process.execPath);
  try {
    // bindings' own list has eleven other places, in which nothing of sescle's ever lies. What its
    // defaults would read from the environment is set here.
    const file = findBindings({
      bindings: 'sescle',
      module_root: packageRoot,
      path: true,
      compiled: 'compiled',
      version: 'napi-v9',
      platform,
      arch: `${arch}-${cLibrary}`,
      try: [
        ['module_root', 'build', 'Release', 'bindings'],
        ['module_root', 'compiled', 'version', 'platform', 'arch', 'bindings'],
      ],
    });
    requireWhole(file);
    // What require() calls in the end. It looks for the file once more, which takes a millisecond.
    const module = { exports: {} };
    process.dlopen(module, file);
    return module.exports as NativeAddon & NativeTasks;
  } catch (error) {
    throw explainLoadFailure(error, { packageRoot, platform, arch, cLibrary, nodeVersion });
  }
}
