/**
 * What goes down to the addon of one store, whatever is to be done there.
 *
 * Invariant: paths are absolute and not normalised; nothing here looks at a file.
 */
import type { NativeSweepRequest } from '../native/boundary.js';
import { parseSavePath, type SavePath } from '../stores/save-path.js';
import { escapePath } from '../text/escape-path.js';
import { absolutePath } from '../working-directory.js';
import type { PlannedStore } from './target.js';

/** Where a store is, and what its sessions are called. */
export type StorePlace = Pick<
  NativeSweepRequest,
  | 'root'
  | 'rootPid'
  | 'rootStartTicks'
  | 'path'
  | 'directory'
  | 'depth'
  | 'namePrefix'
  | 'nameAlphabet'
  | 'nameMinLength'
  | 'nameMaxLength'
>;

export interface PlacedStore {
  readonly savePath: SavePath;
  /** The absolute path on this machine. */
  readonly onThisMachine: Buffer;
  /** The same, for people. */
  readonly text: string;
  readonly place: StorePlace;
}

/** @throws SescleError ERR_INVALID_SAVE_PATH, or where there is no current directory */
export function placeStore({ savePath: given, root, directory, shape }: PlannedStore): PlacedStore {
  const savePath = parseSavePath(given);
  const path = absolutePath(savePath.path);
  const onThisMachine = root === null ? path : Buffer.concat([root.path, path]);
  return {
    savePath,
    onThisMachine,
    text: escapePath(onThisMachine),
    place: {
      root: root?.path ?? Buffer.alloc(0),
      rootPid: root?.process?.pid ?? 0,
      rootStartTicks: root?.process?.startTicks ?? 0,
      path,
      directory,
      depth: savePath.depth,
      namePrefix: Buffer.from(shape.prefix),
      nameAlphabet: Buffer.from(shape.alphabet),
      nameMinLength: shape.minLength,
      nameMaxLength: shape.maxLength,
    },
  };
}
