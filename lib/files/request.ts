/**
 * What goes down to the addon of one store, whatever is to be done there.
 *
 * Invariant: paths are absolute and not normalised; nothing here looks at a file.
 */
import type { PassOrder, StorePlace } from '../engine/engine.js';
import type { Shard } from '../engine/shard.js';
import type {
  NativeLimits,
  NativeNameShape,
  NativeOrder,
  NativePlace,
} from '../native/boundary.js';
import type { NameShape } from '../stores/profiles.js';
import { parseSavePath, type SavePath } from '../stores/save-path.js';
import { escapePath } from '../text/escape-path.js';
import { absolutePath } from '../working-directory.js';
import { hugeBytesPerName } from './huge-directory.js';
import type { FilesPlace } from './planned-files.js';

export interface PlacedFiles {
  readonly savePath: SavePath;
  /** The absolute path on this machine. */
  readonly onThisMachine: Buffer;
  /** The same, for people. */
  readonly text: string;
  readonly place: NativePlace;
  readonly shard: Shard | null;
}

/** What a pass goes by: the one place where a pass, a policy and a reading of the clock come together. */
export function nativeOrder(
  { reading, policy, pass, aheadSeconds, dryRun, strict, threads, nice, list }: PassOrder,
  limits: NativeLimits,
): NativeOrder {
  return {
    ...policy,
    nowSeconds: reading.nowSeconds,
    nowMs: reading.nowMs,
    clockLeadMs: reading.leadMs,
    dryRun,
    strict,
    limits,
    threads,
    nice,
    pass,
    aheadSeconds,
    list,
    bytesPerName: hugeBytesPerName,
  };
}

const ownRoot = Buffer.alloc(0);

/** Ten thousand stores have a handful of shapes. */
const nativeShapes = new WeakMap<NameShape, NativeNameShape>();

function nativeShape(shape: NameShape): NativeNameShape {
  const known = nativeShapes.get(shape);
  if (known !== undefined) return known;
  const { prefix, alphabet, minLength, maxLength } = shape;
  const native = {
    prefix: Buffer.from(prefix),
    alphabet: Buffer.from(alphabet),
    minLength,
    maxLength,
  };
  nativeShapes.set(shape, native);
  return native;
}

/** @throws SescleError ERR_INVALID_SAVE_PATH, or where there is no current directory */
export function placeFiles({
  savePath: given,
  root,
  directory,
  shape,
  shard,
}: FilesPlace): PlacedFiles {
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
      shape: nativeShape(shape),
    },
    shard,
  };
}

/** What those need to know who do not ask for its kind. */
export function storePlace(
  { savePath, text, onThisMachine }: PlacedFiles,
  planned: FilesPlace,
): StorePlace {
  return new FilesStorePlace(text, savePath.depth, onThisMachine, planned);
}

class FilesStorePlace implements StorePlace {
  readonly #planned: FilesPlace;

  constructor(
    readonly text: string,
    readonly depth: number,
    readonly watchedPath: Buffer,
    planned: FilesPlace,
  ) {
    this.#planned = planned;
  }

  /** Only the monitor asks for it, and seldom. */
  get key(): string {
    return placeKey(this.#planned);
  }
}

function placeKey({ savePath, root, directory, shape, shard }: FilesPlace): string {
  const path = Buffer.from(savePath as Buffer).toString('latin1');
  const where = root === null ? null : [root.path.toString('latin1'), root.process];
  const which = directory === null ? null : Object.values(directory).map(String);
  return JSON.stringify([path, where, which, shape, shard]);
}
