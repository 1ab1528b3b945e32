/**
 * `makeDirectories()`: the directories of a nested save path, which PHP never makes itself.
 *
 * Invariant: nothing is removed and nobody's directory is given to another; what can be refused is
 * refused before the first directory is made. A run that was cut short is simply run again.
 */
import { invalidArgument, SescleError } from '../errors.js';
import { loadAddon } from '../native/load.js';
import { runTask } from '../native/run-task.js';
import type { NativeMakeCounts, NativeMakeResult } from '../native/tasks.js';
import { parseSavePath } from '../stores/save-path.js';
import { escapePath } from '../text/escape-path.js';
import { absolutePath } from '../working-directory.js';
import { describeMakeFailure, makeError } from './failure-text.js';
import type { MakeReport } from './report.js';
import { type BitsPerCharacter, directoryCount, sessionAlphabets } from './session-alphabet.js';

export interface MakeOptions {
  /** PHP's `session.sid_bits_per_character`: 4, 5 or 6. Never guessed. */
  readonly bitsPerCharacter: BitsPerCharacter;
  /** Whose they are to be. Default: as the save path's directory, which must be there then. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Their permissions, at least 0700. Default: as the save path's directory, or 0700. */
  readonly mode?: number | undefined;
  /** The root that the save path begins at, as a mounted image. */
  readonly root?: Buffer | undefined;
  /** Only count. Default false. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called 10 times a second. */
  readonly onProgress?: ((counts: NativeMakeCounts) => void) | undefined;
}

/** More than any file system is meant for. */
const mostDirectories = 100_000_000;

/**
 * @param savePath what PHP's session.save_path holds, with a depth: `2;/path`, `2;0600;/path`
 * @throws SescleError ERR_INVALID_ARGUMENT, ERR_INVALID_SAVE_PATH, ERR_OTHER_OWNER, ERR_ADDON_LOAD, or a
 *   system error's name
 */
export async function makeDirectories(
  savePath: string | Buffer,
  options: MakeOptions,
): Promise<MakeReport> {
  const { path, depth } = checkedPath(savePath, options);
  const { bitsPerCharacter, uid, gid, mode, root, dryRun = false, signal, onProgress } = options;
  const directory = root === undefined ? absolutePath(path) : path;
  const onThisMachine = root === undefined ? directory : Buffer.concat([root, path]);
  const startedMs = performance.now();
  const task = loadAddon().makeDirectories({
    root: root ?? Buffer.alloc(0),
    rootPid: 0,
    rootStartTicks: 0,
    path: directory,
    depth,
    alphabet: Buffer.from(sessionAlphabets[bitsPerCharacter]),
    uid: uid ?? -1,
    gid: gid ?? -1,
    mode: mode ?? -1,
    dryRun,
  });
  const result = await runTask(task, { signal, onProgress }).catch((error: unknown) => {
    throw makeError(error, directory);
  });
  const { made, existing, adjusted, blocked } = result?.counts ?? task.progress();
  const errors = (result?.failures ?? [notAnswering(onThisMachine)]).map(describeMakeFailure);
  const { inodes, bytes, blockBytes } = result?.freeSpace ?? unknownSpace;
  return {
    version: 1,
    dryRun,
    path: escapePath(onThisMachine),
    depth,
    bitsPerCharacter,
    total: directoryCount(depth, bitsPerCharacter),
    made,
    existing,
    adjusted,
    blocked,
    uid: result?.uid ?? uid ?? -1,
    gid: result?.gid ?? gid ?? -1,
    mode: (result?.mode ?? mode ?? 0).toString(8).padStart(4, '0'),
    baseWasMissing: result?.baseWasMissing ?? false,
    inodesFree: inodes < 0 ? null : inodes,
    bytesFree: bytes < 0 ? null : bytes,
    blockBytes,
    durationMs: Math.round(performance.now() - startedMs),
    errors,
    errorCount: errors.reduce((sum, { count }) => sum + count, result?.unlistedFailures ?? 0),
    complete: result?.complete ?? false,
  };
}

const unknownSpace: NativeMakeResult['freeSpace'] = { inodes: -1, bytes: -1, blockBytes: 0 };

/** It was told to end, and did not. */
function notAnswering(path: Buffer) {
  return { code: 'ERR_NOT_ANSWERING', errno: 0, syscall: '', path, count: 1 } as const;
}

function checkedPath(savePath: string | Buffer, { bitsPerCharacter, mode }: MakeOptions) {
  if (sessionAlphabets[bitsPerCharacter] === undefined) {
    throw invalidArgument('bitsPerCharacter', '4, 5 or 6', bitsPerCharacter);
  }
  if (mode !== undefined && (mode & ~0o7777) !== 0) {
    throw invalidArgument('mode', 'from 0700 to 7777', mode);
  }
  if (mode !== undefined && (mode & 0o700) !== 0o700) {
    throw new SescleError('the owner of a directory must be able to read, write and enter it', {
      code: 'ERR_INVALID_ARGUMENT',
      remedy: 'give a mode that begins with 7, as 0700 or 1733',
    });
  }
  const parsed = parseSavePath(savePath);
  if (parsed.depth === 0) {
    throw new SescleError(`save path '${parsed.text}' has no levels of directories`, {
      code: 'ERR_INVALID_SAVE_PATH',
      path: parsed.text,
      remedy: `write the number of levels first, as '2;${parsed.text}'`,
    });
  }
  const count = directoryCount(parsed.depth, bitsPerCharacter);
  if (count > mostDirectories) {
    throw new SescleError(
      `save path '${parsed.text}' with ${bitsPerCharacter} bits would have more than 100 million directories`,
      {
        code: 'ERR_INVALID_SAVE_PATH',
        path: parsed.text,
        remedy: 'take fewer levels: two are enough for millions of sessions',
      },
    );
  }
  return parsed;
}
