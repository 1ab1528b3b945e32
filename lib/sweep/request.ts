/**
 * What goes down to the addon of one store, whatever is to be done there.
 *
 * Invariant: paths are absolute and not normalised; nothing here looks at a file.
 */
import type { ClockReading } from '../clock/reading.js';
import type { NativePlace, NativeSweepRequest } from '../native/boundary.js';
import type { NameShape } from '../stores/profiles.js';
import { parseSavePath, type SavePath } from '../stores/save-path.js';
import { escapePath } from '../text/escape-path.js';
import { absolutePath } from '../working-directory.js';
import { type PlannedStore, policyAt } from './target.js';

export interface PlacedStore {
  readonly savePath: SavePath;
  /** The absolute path on this machine. */
  readonly onThisMachine: Buffer;
  /** The same, for people. */
  readonly text: string;
  readonly place: NativePlace;
}

/** How all passes of one call are made. */
export type PassSettings = Pick<NativeSweepRequest, 'dryRun' | 'strict' | 'limits' | 'threads'>;

/** What differs from pass to pass. */
export type PassKind = Pick<NativeSweepRequest, 'pass' | 'index' | 'isCourteous' | 'list'>;

/** A whole request: the one place where a pass, a policy and a reading of the clock come together. */
export function passRequest(
  { place }: PlacedStore,
  planned: PlannedStore,
  reading: ClockReading,
  { dryRun, strict, limits, threads }: PassSettings,
  { pass, index, isCourteous, list }: PassKind,
): NativeSweepRequest {
  return {
    ...place,
    ...policyAt(planned, reading),
    nowSeconds: reading.nowSeconds,
    nowMs: reading.nowMs,
    clockLeadMs: reading.leadMs,
    dryRun,
    strict,
    limits,
    threads,
    isCourteous,
    pass,
    index,
    list,
  };
}

const ownRoot = Buffer.alloc(0);

type PlacedNames = Pick<
  NativePlace,
  'namePrefix' | 'nameAlphabet' | 'nameMinLength' | 'nameMaxLength'
>;

/** Ten thousand stores have a handful of shapes: buffers of their own would keep the collector busy. */
const placedNames = new WeakMap<NameShape, PlacedNames>();

function namesOf(shape: NameShape): PlacedNames {
  const known = placedNames.get(shape);
  if (known !== undefined) return known;
  const names = {
    namePrefix: Buffer.from(shape.prefix),
    nameAlphabet: Buffer.from(shape.alphabet),
    nameMinLength: shape.minLength,
    nameMaxLength: shape.maxLength,
  };
  placedNames.set(shape, names);
  return names;
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
      root: root?.path ?? ownRoot,
      rootPid: root?.process?.pid ?? 0,
      rootStartTicks: root?.process?.startTicks ?? 0,
      path,
      directory,
      depth: savePath.depth,
      ...namesOf(shape),
    },
  };
}
