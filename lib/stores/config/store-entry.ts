/**
 * A `[[store]]` of the configuration file: which of its keys go together.
 *
 * Invariant: an entry comes out only where it names exactly one directory, and one that may be swept
 * at all; else there is at least one problem.
 */
import type { z } from 'zod';
import { SescleError } from '../../errors.js';
import { type ByteString, fromBytes, printable } from '../../php/byte-string.js';
import { tidyPath } from '../../php/paths.js';
import type { Source } from '../../php/provenance.js';
import { profiles, renamed } from '../profiles.js';
import { parseSavePath } from '../save-path.js';
import type { Configured, StoreEntry } from './configuration.js';
import type { storeFields } from './schema.js';

type StoreFields = z.infer<typeof storeFields>;

/** What the entry needs to know of its surroundings. */
export interface EntryContext {
  readonly grace: Configured<number>;
  /** The line of one of its keys; of its `[[store]]` without a key. */
  readonly sourceOf: (key?: keyof StoreFields) => Source;
  readonly report: (key: keyof StoreFields | undefined, text: string) => void;
}

/** @returns null where something was reported */
export function storeEntry(fields: StoreFields, context: EntryContext): StoreEntry | null {
  const { sourceOf, report } = context;
  const profileName = fields.profile ?? 'php';
  const profile = profiles[profileName];
  const place = placeOf(fields, report);
  let isSound = place !== null;
  if (place !== null && place.depth > 0 && !profile.canNest) {
    report('save_path', `${profile.label} keeps its sessions in one directory, without levels`);
    isSound = false;
  }
  if (fields.prefix !== undefined && !profile.canRename) {
    const renamable = Object.entries(profiles).filter(([, { canRename }]) => canRename);
    const names = renamable.map(([name]) => `"${name}"`).join(', ');
    report('prefix', `'prefix' goes only with profile = ${names}`);
    isSound = false;
  }
  if (!isSound || place === null) return null;
  return {
    savePath: { value: place.savePath, source: sourceOf(place.key) },
    path: place.path,
    depth: place.depth,
    profile: profileName,
    shape: fields.prefix === undefined ? profile.shape : renamed(profile.shape, fields.prefix),
    lifetime:
      fields.lifetime === undefined
        ? null
        : { value: fields.lifetime, source: sourceOf('lifetime') },
    grace:
      fields.grace === undefined
        ? context.grace
        : { value: fields.grace, source: sourceOf('grace') },
    source: sourceOf(),
  };
}

interface Place {
  readonly key: 'path' | 'save_path';
  readonly savePath: ByteString;
  readonly path: ByteString;
  readonly depth: number;
}

function placeOf(fields: StoreFields, report: EntryContext['report']): Place | null {
  const { path, save_path: savePath } = fields;
  if (path !== undefined && savePath !== undefined) {
    report('save_path', "'path' and 'save_path' are two ways to say the same; keep one");
    return null;
  }
  if (path !== undefined) {
    // What a save path splits at is part of a directory's name here.
    const written = path.includes(';') ? `0;0600;${path}` : path;
    return sweepable({ key: 'path', savePath: written, path, depth: 0 }, report);
  }
  if (savePath === undefined) {
    report(undefined, "[[store]] names no directory; give it 'path' or 'save_path'");
    return null;
  }
  try {
    const { path: directory, depth } = parseSavePath(savePath);
    const place: Place = {
      key: 'save_path',
      savePath: fromBytes(Buffer.from(savePath)),
      path: fromBytes(directory),
      depth,
    };
    return sweepable(place, report);
  } catch (error) {
    if (!(error instanceof SescleError)) throw error;
    const remedy = error.remedy === undefined ? '' : `; ${error.remedy}`;
    report('save_path', `'save_path': ${error.message}${remedy}`);
    return null;
  }
}

function sweepable(place: Place, report: EntryContext['report']): Place | null {
  if (!place.path.startsWith('/')) {
    const directory = printable(place.path);
    report(place.key, `'${place.key}' must name an absolute directory, not '${directory}'`);
    return null;
  }
  if (tidyPath(place.path) === '/') {
    report(place.key, `'${place.key}' must name a directory of sessions, not /`);
    return null;
  }
  return place;
}
